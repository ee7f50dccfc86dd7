"""A partner's file: YAML, checked as a whole before anything is done with it."""

from typing import Annotated

from chassis.lists import read_document
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from partners.domain.partner import CHANNEL, ID, MOST_CHANNELS

Tenant = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class PartnerFile(BaseModel):
    """Who the partner is, and of which channels of which tenant it may see the events."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, StringConstraints(pattern=ID)]
    tenant: Tenant
    channels: Annotated[
        list[Annotated[str, StringConstraints(pattern=CHANNEL)]], Field(min_length=1, max_length=MOST_CHANNELS)
    ]


def read(content: bytes) -> PartnerFile:
    """Return what a file says; raises FileRefused with every fault."""
    return read_document(content, PartnerFile)[0]
