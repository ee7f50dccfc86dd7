"""How families, products and editions are shown: the staff of sales and files writes it."""

from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Routes

from catalog.domain.errors import SubjectUnknown
from catalog.domain.presentation import Presentation, Support, Text
from catalog.store import presentations
from catalog.usecases import presenting
from catalog.web import bodies, shown

WRITERS = ("sales", "files")
routes = Routes()


@routes.get("/presentations/{subject}", allow=(*WRITERS, "support"))
async def view_presentation(read: Read, caller: Caller, subject: UUID) -> shown.SubjectView:
    """How a family, a product or an edition is shown, whether it is for sale or not."""
    name = await presentations.subject(read, caller.tenant, subject)
    if name is None:
        raise SubjectUnknown
    found = await presentations.of(read, caller.tenant, [subject])
    return shown.subject_view(subject, name, found.get(subject, Presentation()))


@routes.put("/presentations/{subject}/texts/{language}", allow=WRITERS)
async def set_text(
    tx: Tx, caller: Caller, subject: UUID, language: bodies.Language, body: bodies.Text
) -> shown.SubjectView:
    """Write other texts in a language; all of them are replaced. What is empty is shown as that of the family."""
    await presenting.write(tx, caller.tenant, subject, language, Text(**body.model_dump()))
    return await view_presentation(tx, caller, subject)


@routes.put("/presentations/{subject}/support", allow=WRITERS)
async def set_support(tx: Tx, caller: Caller, subject: UUID, body: bodies.Support) -> shown.SubjectView:
    """Say who supports it and until when; all of it is replaced."""
    await presenting.support(tx, caller.tenant, subject, Support(**body.model_dump()))
    return await view_presentation(tx, caller, subject)


@routes.delete("/presentations/{subject}/picture", allow=WRITERS)
async def take_down(tx: Tx, caller: Caller, subject: UUID) -> shown.SubjectView:
    """Show it without a picture; the picture goes once nothing shows it."""
    await presenting.take_down(tx, caller.tenant, subject)
    return await view_presentation(tx, caller, subject)
