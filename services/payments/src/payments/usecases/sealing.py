"""Sealing of payers to the records of the years in which they paid."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson
from chassis.identity import seal
from chassis.telemetry import without_cards
from contracts.event import SubjectKey

from payments.domain.statements import Credit, Payer

PAYER = "payer"
# Calls a function of a module with arguments that can be pickled, off the event loop.
Run = Callable[..., Awaitable[Any]]


async def seal_payers(run: Run, booked: Sequence[Credit], keys: Mapping[int, SubjectKey]) -> list[str | None]:
    """Seal who has paid to the records key of the year in which it was booked; None where that year has no key."""
    return await run(_sealed, [(one.payer, one.booked_on and keys.get(one.booked_on.year)) for one in booked])


def _sealed(payers: Sequence[tuple[Payer, SubjectKey | None]]) -> list[str | None]:
    return [key and str(seal(_text(payer), key, PAYER)) for payer, key in payers]


def _text(payer: Payer) -> str:
    """Return what is kept of a payer; payers write anything, and a card number is kept not even sealed."""
    name, text = (written and without_cards(written) for written in (payer.name, payer.text))
    return orjson.dumps({"name": name, "iban": payer.iban, "text": text}).decode()
