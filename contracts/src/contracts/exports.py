"""The events by which all that is known of a customer is gathered: accounts asks, each service answers."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from contracts.bounds import Time
from contracts.event import Event, Internal, Public, Sealed, SubjectKey, days

Ordinal = Annotated[int, Field(ge=1, le=2**31 - 1)]


class DataShareExported(Event, key="customer", subject="share", retention=days(14), published_by="several"):
    """A part of what a service knows of a customer, for one export; the texts of all `parts` in turn are one JSON.

    `records` is sealed to the key of the export. A service that was restored may answer again by another share.
    """

    customer: Internal[UUID]
    export: Public[UUID]
    service: Public[str]
    share: Public[UUID]
    part: Public[Ordinal]
    parts: Public[Ordinal]
    records: Sealed

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "customer": "0192d3a4-0000-7000-8000-000000000101",
        "export": "0192d3a4-0000-7000-8000-000000000107",
        "service": "orders",
        "share": "0192d3a4-0000-7000-8000-000000000109",
        "part": 1,
        "parts": 1,
        "records": {"key": "0192d3a4-0000-7000-8000-000000000108", "kind": "share", "box": "AAAA"},
    }


class DataExportRequested(Event, key="customer", subject="export", retention=days(14), published_by="accounts"):
    """A customer wants all that is known of them (GDPR 15, 20); every service of `expected` exports its share.

    Each part of a share is sealed to `sealed_to`, the key of this export alone. After `expires_at` nobody fetches it.
    `contact` is the id of the customer's contact key, by which those know them who only write to them.
    """

    customer: Internal[UUID]
    contact: Internal[UUID]
    export: Public[UUID]
    requested_at: Public[Time]
    expires_at: Public[Time]
    expected: Public[list[str]]
    sealed_to: Public[SubjectKey]

    def answered_by(self, service: str, share: UUID, part: int, parts: int, records: Sealed) -> DataShareExported:
        """Return the event by which a service publishes a part of its share."""
        return DataShareExported(
            tenant=self.tenant,
            customer=self.customer,
            export=self.export,
            service=service,
            share=share,
            part=part,
            parts=parts,
            records=records,
        )

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "customer": "0192d3a4-0000-7000-8000-000000000101",
        "contact": "0192d3a4-0000-7000-8000-000000000103",
        "export": "0192d3a4-0000-7000-8000-000000000107",
        "requested_at": "2026-11-02T11:00:00Z",
        "expires_at": "2026-11-09T11:00:00Z",
        "expected": ["delivery", "letters", "orders"],
        "sealed_to": {"key": "0192d3a4-0000-7000-8000-000000000108", "public": "AAAA"},
    }
