"""What the other services ask for: keys to verify by, tokens, subjects' keys."""

from chassis.db import Begin, Read, Tx
from chassis.identity import Caller
from chassis.web import Rate, Routes

from accounts.domain.tokens import ACCESS_LIFETIME
from accounts.store import signing_keys
from accounts.usecases import disclosing, provisioning
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.tokens import TokenIssuer
from accounts.web import bodies, views

GUESSES = Rate(600, 60)

routes = Routes()


@routes.get("/.well-known/jwks.json")
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
async def subject_keys(tx: Tx, caller: Caller, body: bodies.KeyRequest, kms: KeyManagement) -> views.SubjectKeysView:
    """Give private keys for a purpose; only what the table of services and purposes names is answered (M23, M24)."""
    keys = await disclosing.disclose(tx, caller.subject, body.purpose, body.keys, kms)
    return views.SubjectKeysView(keys=[views.key_view(key) for key in keys])
