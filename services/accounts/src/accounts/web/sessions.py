"""The caller's sessions: where one is signed in, and how to end that."""

from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Listing, Page, Routes, listing

from accounts.domain.people import CONFIRMING, SessionOver
from accounts.domain.second_factor import ENROLLERS
from accounts.store import sessions as store
from accounts.usecases import sessions
from accounts.web import views

routes = Routes()


@routes.get("/me/sessions", allow=ENROLLERS)
async def list_sessions(read: Read, caller: Caller, page: Page) -> Listing[views.SessionView]:
    """List the caller's sessions that have not ended, newest first."""
    after = page.after(tuple[datetime, UUID])
    found = await store.open_of(read, caller.tenant, UUID(caller.subject), after, page.limit + 1)
    current = caller.claims.get("sid")
    return listing(found, page, lambda one: (one.began_at, one.id), lambda one: views.session_view(one, current))


@routes.get("/me/session", allow=(*ENROLLERS, CONFIRMING))
async def view_session(read: Read, caller: Caller) -> views.OwnSessionView | SessionOver:
    """Show whether the session of the caller's token goes on: 401 where it has ended, though the token has not.

    Pages ask it before they show what is somebody's, so that who is signed out elsewhere is signed out there at once.
    """
    session = UUID(caller.claims["sid"])
    if not await store.is_open(read, caller.tenant, UUID(caller.subject), session):
        return SessionOver()
    return views.OwnSessionView(session=session)


@routes.delete("/me/sessions/{session}", allow=ENROLLERS)
async def end(tx: Tx, caller: Caller, session: UUID) -> None:
    """End one session; access tokens that it was given expire within 10 minutes."""
    await sessions.end_one(tx, caller.tenant, UUID(caller.subject), session)


@routes.delete("/me/sessions", allow=ENROLLERS)
async def end_all(tx: Tx, caller: Caller) -> None:
    """End all sessions, this one too; access tokens that they were given expire within 10 minutes."""
    await sessions.end_all(tx, caller.tenant, UUID(caller.subject))
