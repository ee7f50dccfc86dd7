"""Whether a service that runs on this machine says that it is ready: `python -m chassis.health NAME`.

Container engines ask every few seconds, so nothing is loaded here but what asks.
"""

import json
import os
import socket
import sys

PATIENCE_SECONDS = 3.0
# what a program listens on that listens everywhere, and where it then answers
HERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 -- it is asked, not listened on
# as of the settings
HOST, PORT = "127.0.0.1", 8081


def unready(name: str, host: str, port: int) -> str:
    """Return in a sentence why the service with these settings ADMIN_HOST and ADMIN_PORT is not ready, "" if it is."""
    host = HERE.get(host, host)
    try:
        with socket.create_connection((host, port), PATIENCE_SECONDS) as connection:
            connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            with connection.makefile("rb") as answer:
                status, body = answer.readline(), answer.read().partition(b"\r\n\r\n")[2]
        if status.split(b" ")[1:2] == [b"200"]:
            return ""
        return f"{name} is not ready: {json.loads(body)['reason']}"
    except (OSError, ValueError, LookupError, OverflowError, TypeError) as error:
        return f"{name} does not answer at {host}, port {port}: {error}"


def main(name: str) -> None:
    """Ask by the variables of the environment; exit with 0, or with 1 and a sentence."""
    # "://": Kubernetes tells so where services are, whatever they are called
    port = given if "://" not in (given := os.environ.get("ADMIN_PORT", "")) else ""
    if port and not port.isdecimal():
        sys.exit("ADMIN_PORT is no number")
    sys.exit(unready(name, os.environ.get("ADMIN_HOST", HOST), int(port or PORT)) or 0)


if __name__ == "__main__":
    main(sys.argv[1])
