"""What customers ask for: all that is known of them, in one file (GDPR 15, 20)."""

from datetime import datetime
from uuid import UUID

import structlog
from aiohttp import web
from chassis.db import Begin, Read
from chassis.identity import Caller
from chassis.web import Listing, Page, Routes, View, listing

from accounts.domain.exports import ExportState, ExportUnknown
from accounts.domain.people import CUSTOMER_ROLE
from accounts.store import exports as store
from accounts.usecases import exporting
from accounts.usecases.export_files import ExportFile
from accounts.usecases.key_management import KeyManagement
from accounts.web import bodies
from accounts.web.attempts import Attempts, accepted
from accounts.web.limits import SignInRate

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/zip"

routes = Routes()


class ShareView(View):
    """A service whose share belongs to an export, and when it has arrived."""

    service: str
    answered_at: datetime | None


class ExportView(View):
    """How far an export is; it can be fetched where `state` is `ready`, or `incomplete`: without those in `missing`."""

    export: UUID
    state: ExportState
    requested_at: datetime
    expires_at: datetime
    answered: int
    expected: int
    missing: list[str]
    shares: list[ShareView]


@routes.get("/me/exports", allow=CUSTOMER_ROLE)
async def list_exports(read: Read, caller: Caller, page: Page) -> Listing[ExportView]:
    """List the caller's exports, newest first, with how many services have answered."""
    after = page.after(tuple[datetime, UUID])
    found = await store.newest(read, caller.tenant, UUID(caller.subject), after, page.limit + 1)
    return listing(found, page, lambda one: (one.requested_at, one.id), lambda one: _view(one, read.now))


@routes.get("/me/exports/{export}", allow=CUSTOMER_ROLE)
async def view_export(read: Read, caller: Caller, export: UUID) -> ExportView:
    """Show one export of the caller's, and who has answered."""
    found = await store.find(read, caller.tenant, UUID(caller.subject), export)
    if found is None:
        raise ExportUnknown
    return _view(found, read.now)


@routes.post("/me/exports", allow=CUSTOMER_ROLE, creates=view_export, limit=SignInRate)
async def request_export(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    body: bodies.Reauthentication,
    attempts: Attempts,
    kms: KeyManagement,
) -> UUID:
    """Ask every service for all that it knows of the caller, three times a day at most.

    It asks for the password, and a code where there is a second factor, for the file holds everything.
    """
    attempt = await attempts.to_prove(begin, request, caller, body.password)
    async with begin() as tx:
        result = await exporting.request(tx, attempt, UUID(caller.subject), body.code, kms)
    return accepted(result)


@routes.get("/me/exports/{export}/file", allow=CUSTOMER_ROLE, also={200: MEDIA_TYPE})
async def fetch_export(
    request: web.Request, begin: Begin, read: Read, caller: Caller, export: UUID, kms: KeyManagement
) -> web.StreamResponse:
    """Fetch an export as ZIP, once all services have answered or an hour is over, for seven days; it is recorded."""
    async with begin() as tx:
        found = await exporting.fetch(tx, caller.tenant, UUID(caller.subject), export)
    name = f'attachment; filename="export-{found.requested_at:%Y-%m-%d}.zip"'
    headers = {"Content-Type": MEDIA_TYPE, "Content-Disposition": name, "Cache-Control": "no-store"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    try:
        async for piece in ExportFile(read, caller.tenant, found, kms).pieces():
            if piece:
                await response.write(piece)
        await response.write_eof()
    except Exception as error:
        log.warning("an export was broken off", reason=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()  # what ends early must not look whole
    return response


def _view(export: store.Export, now: datetime) -> ExportView:
    progress = export.progress
    arrived = {answer.service: answer.arrived_at for answer in export.answers}
    return ExportView(
        export=export.id,
        state=progress.state(now),
        requested_at=export.requested_at,
        expires_at=export.expires_at,
        answered=sum(service in arrived for service in export.expected),
        expected=len(export.expected),
        missing=progress.missing,
        shares=[ShareView(service=service, answered_at=arrived.get(service)) for service in export.expected],
    )
