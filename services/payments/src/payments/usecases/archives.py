"""Importing files that come together: each for itself, so that none keeps another from being booked (PAY-6)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chassis.db import Begin

from payments.domain.statements import (
    AccountForeign,
    File,
    RecordsKeyMissing,
    StatementCurrency,
    StatementKnown,
    StatementUnreadable,
)
from payments.store.statements import ImportResult
from payments.usecases.sealing import Run
from payments.usecases.statements import import_statements

REFUSED = (StatementUnreadable, StatementCurrency, StatementKnown, AccountForeign, RecordsKeyMissing)


@dataclass(frozen=True, slots=True)
class FileResult:
    """What came of a file: what was imported, or why nothing was."""

    name: str
    imported: ImportResult | Exception


async def import_files(
    begin: Begin, tenant: str, files: Iterable[tuple[str, bytes]], read: Callable[[bytes], File], by: str, run: Run
) -> list[FileResult]:
    """Import files of these names and contents in turn; `read` makes statements of a content."""
    results: list[FileResult] = []
    for name, content in files:
        try:
            found = await run(read, content)
            results.append(FileResult(name, await import_statements(begin, tenant, found, by, run)))
        except REFUSED as error:
            results.append(FileResult(name, error))
    return results
