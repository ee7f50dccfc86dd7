"""Whether a service that runs on this machine says that it is ready: for container engines, which run a command."""

import http.client
import json

from chassis.config.settings import ServiceSettings

PATIENCE_SECONDS = 3.0
# what a program listens on that listens everywhere, and where it then answers
HERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 -- it is asked, not listened on


def unready(name: str, settings: ServiceSettings) -> str:
    """Return in a sentence why the service is not ready, nothing where it is."""
    host = HERE.get(settings.admin_host, settings.admin_host)
    connection = http.client.HTTPConnection(host, settings.admin_port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        told = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"{name} does not answer at {host}, port {settings.admin_port}: {error}"
    finally:
        connection.close()
    return "" if answer.status == http.client.OK else f"{name} is not ready: {told.get('reason')}"
