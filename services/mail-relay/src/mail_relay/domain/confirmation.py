"""A letter with the code by which the reader of a new address confirms it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What it says, its texts sealed; `failures` is how often it was tried in vain."""

    tenant: str
    id: UUID
    shop: str
    language: str
    name_box: str
    email_box: str
    code_box: str
    message_id: str
    written_at: datetime
    expires_at: datetime
    failures: int = 0

    @property
    def boxes(self) -> tuple[str, ...]:
        """Every sealed text that must be opened to write it."""
        return self.name_box, self.email_box, self.code_box
