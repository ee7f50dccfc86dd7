"""The private area: what is known of me, what I choose, my password."""

from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Tx
from chassis.identity.tokens import Caller
from chassis.web import Routes

from accounts.domain.people import CUSTOMER_ROLE, STAFF_ROLES
from accounts.usecases import private_area
from accounts.web import bodies, views
from accounts.web.limits import Limits
from accounts.web.proof import Proof

EVERYBODY = (CUSTOMER_ROLE, *STAFF_ROLES)


def add(routes: Routes, proof: Proof, limits: Limits) -> None:
    """The routes of whoever is signed in."""

    @routes.get("/me", allow=EVERYBODY)
    async def me(tx: Tx, caller: Caller) -> views.MeView:
        """What is known of the caller (M25)."""
        subject, roles = UUID(caller.subject), sorted(caller.roles)
        if CUSTOMER_ROLE not in caller.roles:
            name, email = await private_area.member(tx, caller.tenant, subject, proof.vault)
            return views.MeView(subject=subject, tenant=caller.tenant, roles=roles, name=name, email=email)
        profile = await private_area.profile(tx, caller.tenant, subject, proof.vault)
        return views.MeView(
            subject=subject,
            tenant=caller.tenant,
            roles=roles,
            name=profile.name,
            email=profile.email,
            market=profile.customer.market,
            language=profile.customer.language,
            registered_at=profile.customer.registered_at,
            keep_data=profile.customer.keep_data,
            deletion_asked_at=profile.customer.deletion_asked_at,
        )

    @routes.put("/me/choice", allow=CUSTOMER_ROLE)
    async def choose(tx: Tx, caller: Caller, body: bodies.Choose) -> views.ChoiceView:
        """Keep data for later purchases, or have it deleted right after the order (M26)."""
        choice = await private_area.choose(tx, caller.tenant, UUID(caller.subject), keep_data=body.keep_data)
        return views.ChoiceView.model_validate(choice, from_attributes=True)

    @routes.post("/me/deletion", allow=CUSTOMER_ROLE)
    async def ask_deletion(tx: Tx, caller: Caller) -> views.ChoiceView:
        """Delete the account as soon as all orders are closed, at once where there are none (ORD-2)."""
        choice = await private_area.ask_deletion(tx, caller.tenant, UUID(caller.subject))
        return views.ChoiceView.model_validate(choice, from_attributes=True)

    @routes.put("/me/password", allow=EVERYBODY, limit=limits.sign_in)
    async def change_password(begin: Begin, caller: Caller, request: web.Request, body: bodies.ChangePassword) -> None:
        """Replace the password and end all sessions; guesses at the current one are counted like sign-ins."""
        attempt, right = await proof.by_password(begin, caller, request, body.current)
        new_hash = await proof.passwords.hash(body.new) if right else None
        async with begin() as tx:
            refused = await private_area.change_password(tx, attempt, UUID(caller.subject), new_hash)
        if refused is not None:
            raise refused
