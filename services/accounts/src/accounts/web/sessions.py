"""The caller's sessions: where one is signed in, and how to end that."""

from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Listing, Page, Routes, View, listing

from accounts.domain.people import CONFIRMING, SessionOver
from accounts.domain.second_factor import ENROLLERS
from accounts.store import sessions as store
from accounts.usecases import sessions

routes = Routes()


class SessionView(View):
    """A session and how it began (RFC 8176); it ends at `expires_at` if it is not used, `current` is the caller's.

    `browser` and `system` are what they signed in with, null where we have no word for it.
    """

    session: UUID
    methods: list[str]
    began_at: datetime
    used_at: datetime
    expires_at: datetime
    current: bool
    browser: str | None
    system: str | None


class OwnSessionView(View):
    """The session of the caller's token, which goes on."""

    session: UUID


@routes.get("/me/sessions", allow=ENROLLERS)
async def list_sessions(read: Read, caller: Caller, page: Page) -> Listing[SessionView]:
    """List the caller's sessions that have not ended, newest first."""
    after = page.after(tuple[datetime, UUID])
    found = await store.open_of(read, caller.tenant, UUID(caller.subject), after, page.limit + 1)
    current = caller.claims.get("sid")
    return listing(found, page, lambda one: (one.began_at, one.id), lambda one: _view(one, current))


@routes.get("/me/session", allow=(*ENROLLERS, CONFIRMING))
async def view_session(read: Read, caller: Caller) -> OwnSessionView | SessionOver:
    """Show whether the session of the caller's token goes on: 401 where it has ended, though the token has not.

    Pages ask it before they show what is somebody's, so that who is signed out elsewhere is signed out there at once.
    """
    session = UUID(caller.claims["sid"])
    if not await store.is_open(read, caller.tenant, UUID(caller.subject), session):
        return SessionOver()
    return OwnSessionView(session=session)


@routes.delete("/me/sessions/{session}", allow=ENROLLERS)
async def end(tx: Tx, caller: Caller, session: UUID) -> None:
    """End one session; access tokens that it was given expire within 10 minutes."""
    await sessions.end_one(tx, caller.tenant, UUID(caller.subject), session)


@routes.delete("/me/sessions", allow=ENROLLERS)
async def end_all(tx: Tx, caller: Caller) -> None:
    """End all sessions, this one too; access tokens that they were given expire within 10 minutes."""
    await sessions.end_all(tx, caller.tenant, UUID(caller.subject))


def _view(session: store.Session, current: object) -> SessionView:
    return SessionView(
        session=session.id,
        methods=session.methods,
        began_at=session.began_at,
        used_at=session.used_at,
        expires_at=session.expires_at,
        current=str(session.id) == current,
        browser=session.browser,
        system=session.system,
    )
