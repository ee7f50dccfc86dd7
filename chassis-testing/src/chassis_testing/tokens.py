"""Access tokens as accounts would sign them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.identity.tokens import ALGORITHM, ISSUER, TOKEN_TYPE
from contracts.topics import SERVICES
from joserfc import jwt
from joserfc.jwk import OKPKey

HOUR = timedelta(hours=1)
# every service, and those that tests of the chassis make up
EVERYWHERE = (*SERVICES, "probe")


def new_signing_key(kid: str = "test") -> OKPKey:
    """Make a key that signs tokens; `as_dict()` is its public half as published (RFC 7517)."""
    return OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig", "alg": ALGORITHM})


def signed_token(
    key: OKPKey,
    subject: str,
    *roles: str,
    tenant: str = "kontor",
    lifetime: timedelta = HOUR,
    now: datetime | None = None,
    audience: Sequence[str] = EVERYWHERE,
    **claims: Any,
) -> str:
    """Sign an access token that is valid from now on."""
    start = now or datetime.now(UTC)
    common = {"iss": ISSUER, "aud": list(audience), "sub": subject, "tenant": tenant, "roles": sorted(set(roles))}
    times = {"iat": start, "nbf": start, "exp": start + lifetime}
    signed_in = {"auth_time": int(start.timestamp())}
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": TOKEN_TYPE}
    return jwt.encode(header, {**signed_in, **claims, **common, **times}, key, [ALGORITHM])
