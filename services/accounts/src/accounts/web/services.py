"""What the other services ask for: keys to verify by, tokens, subjects' keys."""

from chassis.db import Tx
from chassis.identity.tokens import Caller
from chassis.web import Rate, Routes

from accounts.domain.tokens import ACCESS_LIFETIME
from accounts.store import signing_keys
from accounts.usecases import handing_out, house
from accounts.usecases.signing import Signing
from accounts.usecases.vault import Vault
from accounts.web import bodies, views

GUESSES = Rate(600, 60)


def add(routes: Routes, vault: Vault, signing: Signing) -> None:
    """The routes of services."""

    @routes.get("/.well-known/jwks.json")
    async def jwks(tx: Tx) -> views.JwksView:
        """The keys by which tokens are verified; also those that will sign soon or have signed lately."""
        published = await signing_keys.published(tx)
        if not published:
            await signing.make_first_key(tx)
            published = await signing_keys.published(tx)
        return views.JwksView(keys=[views.jwk_view(key) for key in published])

    @routes.post("/service-token", limit=GUESSES)
    async def service_token(tx: Tx, body: bodies.ServiceToken) -> views.ServiceTokenView:
        """A token for a service that names its secret."""
        token = await house.service_token(tx, body.service, body.secret, signing)
        return views.ServiceTokenView(access_token=token, expires_in=int(ACCESS_LIFETIME.total_seconds()))

    @routes.post("/subject-keys", allow="service")
    async def subject_keys(tx: Tx, caller: Caller, body: bodies.AskKeys) -> views.SubjectKeysView:
        """Private halves for a purpose; only what the table of services and purposes names is answered (M23, M24)."""
        given = await handing_out.hand_out(tx, caller.subject, body.purpose, body.keys, vault.master)
        return views.SubjectKeysView(keys=[views.key_view(key) for key in given])
