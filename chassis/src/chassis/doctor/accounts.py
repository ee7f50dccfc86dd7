"""The service accounts, from which every service has its token and the keys that verify tokens."""

import aiohttp

from chassis.config.settings import ServiceSettings
from chassis.doctor.diagnosis import Diagnosis, well, wrong
from chassis.identity.accounts import ServiceIdentity, fetch_jwks
from chassis.identity.tokens import IdentityUnavailable

CHECK = "accounts"
UNAUTHORIZED = 401


async def examine(settings: ServiceSettings, service: str) -> list[Diagnosis]:
    """Ask accounts for its key set, and for a token with the service's own secret."""
    try:
        trust = settings.trust
    except OSError:
        step = "Put those of the authorities there, as PEM, or leave HTTP_CA_FILE out."
        return [wrong(CHECK, "HTTP_CA_FILE holds no certificates.", step)]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as session:
        try:
            await fetch_jwks(session, settings.accounts_url)
        except IdentityUnavailable as error:
            text = f"accounts publishes no keys at {settings.accounts_url} ({_reason(error)})."
            step = "Look at ACCOUNTS_URL, HTTP_CA_FILE, whether accounts serves, and whether the network lets us."
            return [wrong(CHECK, text, step)]
        try:
            await ServiceIdentity(settings.accounts_url, service, settings.service_secrets, session).token()
        except IdentityUnavailable as error:
            if getattr(error.__cause__, "status", None) != UNAUTHORIZED:
                return [wrong(CHECK, f"accounts gives no token ({_reason(error)}).", "Look at the log of accounts.")]
            step = f"Tell accounts the secret:  accounts service add {service} --secret-file FILE  (- is a pipe)"
            return [wrong(CHECK, "accounts does not know the secret of SERVICE_SECRET_FILE.", step)]
        except (OSError, ValueError):
            return []  # the secret's file is told among the files
    return [well(CHECK, "accounts answers, and knows this service's secret")]


def _reason(error: BaseException) -> str:
    status = getattr(error.__cause__, "status", None)
    return f"status {status}" if status else type(error.__cause__).__name__
