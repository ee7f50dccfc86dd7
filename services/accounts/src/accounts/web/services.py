"""What the other services ask for: keys to verify by, tokens, subjects' keys."""

import math

from chassis.db import Begin, Read, Tx
from chassis.identity import Caller
from chassis.telemetry import metrics
from chassis.web import Rate, Routes

from accounts.domain.purposes import TooManyKeys
from accounts.domain.tokens import ACCESS_LIFETIME
from accounts.store import signing_keys
from accounts.usecases import disclosing, provisioning
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.tokens import TokenIssuer
from accounts.web import bodies, views
from accounts.web.limits import KeyLimiter

limited = metrics.of("accounts").counter(
    "subject_keys_limited", "Requests for more keys of subjects than a service may have in a minute.", ["service"]
)

GUESSES = Rate(600, 60)

routes = Routes()


@routes.get("/.well-known/jwks.json", kept_seconds=60)
async def jwks(read: Read, begin: Begin, issuer: TokenIssuer) -> views.JwksView:
    """List the keys by which tokens are verified; also those that will sign soon or have signed lately."""
    published = await signing_keys.published(read)
    if not published:
        async with begin() as tx:
            await issuer.make_first_key(tx)
        published = await signing_keys.published(read)
    return views.JwksView(keys=[views.jwk_view(key) for key in published])


@routes.post("/service-token", limit=GUESSES)
async def service_token(tx: Tx, body: bodies.ServiceCredentials, issuer: TokenIssuer) -> views.ServiceTokenView:
    """Give a token to a service that names its secret."""
    token = await provisioning.service_token(tx, body.service, body.secret, issuer)
    return views.ServiceTokenView(access_token=token, expires_in=int(ACCESS_LIFETIME.total_seconds()))


@routes.post("/subject-keys", allow="service")
async def subject_keys(
    tx: Tx, caller: Caller, body: bodies.KeyRequest, kms: KeyManagement, limiter: KeyLimiter
) -> views.SubjectKeysView:
    """Give private keys for a purpose; only what the table of services and purposes names is answered (M23, M24).

    Each key asked for counts; a service that asks for more than it may in a minute is refused and recorded (429).
    """
    if seconds := limiter.wait(caller.subject, len(body.keys)):
        limited.labels(caller.subject).inc()
        raise TooManyKeys(math.ceil(seconds))
    keys = await disclosing.disclose(tx, caller.subject, body.purpose, body.keys, kms)
    return views.SubjectKeysView(keys=[views.key_view(key) for key in keys])
