"""How lines, families, products and editions are shown: what staff writes, a file names, and delivery publishes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.db import Tx
from contracts.delivery import FileReleased

from catalog.domain.errors import PictureLeaving, SubjectUnknown
from catalog.domain.presentation import File, Picture, Presentation, Support, Text, WantedPresentation, check_alt
from catalog.store import files, pictures, presentations, vocabulary

# so long a picture that is stored may wait until something shows it
KEPT = timedelta(hours=1)


async def write(tx: Tx, tenant: str, subject: UUID, language: str, text: Text) -> None:
    """Show a subject with other texts in a language."""
    before = await _locked(tx, tenant, subject)
    await presentations.put(tx, tenant, subject, {**before.texts, language: text}, before.support)
    await vocabulary.refresh(tx, tenant, [subject])
    old = before.texts.get(language)
    tx.audit("text", subject, before=_facts(language, old), after=_facts(language, text))


async def support(tx: Tx, tenant: str, subject: UUID, wanted: Support) -> None:
    """Say otherwise who supports a subject, and until when."""
    before = await _locked(tx, tenant, subject)
    await presentations.put(tx, tenant, subject, before.texts, wanted)
    tx.audit("support", subject, before=asdict(before.support), after=asdict(wanted))


async def expect(tx: Tx, tenant: str, picture: Picture) -> None:
    """Record a picture that is about to be stored, so that it is removed if nothing comes to show it."""
    if not await pictures.expect(tx, tenant, picture.hash, picture.width, picture.height, KEPT):
        raise PictureLeaving


async def illustrate(tx: Tx, tenant: str, subject: UUID, picture: Picture) -> None:
    """Show a subject by a picture that is stored; the one before goes, unless something else shows it."""
    check_alt(picture.alt)
    before = await _locked(tx, tenant, subject)
    if not await pictures.hold(tx, tenant, picture.hash):
        raise PictureLeaving
    await presentations.illustrate(tx, tenant, subject, picture.hash, picture.alt)
    tx.audit("picture", subject, before=_picture(before.picture), after=_picture(picture))


async def take_down(tx: Tx, tenant: str, subject: UUID) -> None:
    """Show a subject without a picture."""
    before = await _locked(tx, tenant, subject)
    if before.picture is None:
        return
    await presentations.illustrate(tx, tenant, subject, None, {})
    tx.audit("picture", subject, before=_picture(before.picture))


async def check_subject(tx: Tx, tenant: str, subject: UUID) -> None:
    """Raise SubjectUnknown unless a tenant has a family, product or edition of this id."""
    if await presentations.subject(tx, tenant, subject) is None:
        raise SubjectUnknown


async def load(tx: Tx, tenant: str, wanted: Mapping[UUID, WantedPresentation]) -> list[UUID]:
    """Store what a file names; return the subjects that are shown otherwise than before."""
    stored = await presentations.of(tx, tenant, wanted)
    changed: list[UUID] = []
    for subject, shown in wanted.items():
        before = stored.get(subject, Presentation())
        texts = {**before.texts, **shown.texts}
        after = before.support if shown.support is None else shown.support
        if (texts, after) != (dict(before.texts), before.support):
            await presentations.put(tx, tenant, subject, texts, after)
            changed.append(subject)
    await vocabulary.refresh(tx, tenant, changed)
    return changed


async def copy_files(tx: Tx, event: FileReleased) -> None:
    """Copy what buyers of an article are delivered, to be shown before they buy."""
    found = [File(file.name, file.version, file.size, file.media_type) for file in event.files]
    await files.copy(tx, event.tenant, event.sku, found, event.released_at)


async def claim_removal(tx: Tx, limit: int) -> Sequence[pictures.Removal]:
    """Claim pictures that nothing shows any more."""
    return await pictures.claim(tx, limit)


async def _locked(tx: Tx, tenant: str, subject: UUID) -> Presentation:
    await check_subject(tx, tenant, subject)
    await presentations.lock(tx, tenant, subject)
    return (await presentations.of(tx, tenant, [subject])).get(subject, Presentation())


def _facts(language: str, text: Text | None) -> dict[str, Any]:
    return {"language": language, **({} if text is None else asdict(text))}


def _picture(picture: Picture | None) -> dict[str, Any]:
    return {} if picture is None else {"hash": picture.hash, "alt": dict(picture.alt)}
