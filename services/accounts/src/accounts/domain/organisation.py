"""Organisations: who is of one, as what, and that it has an owner at any time."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

MOST_MEMBERSHIPS = 20
MOST_MEMBERS = 200
MOST_INVITED = 50
INVITED_FOR = timedelta(days=7)
DAY = timedelta(days=1)
LETTERS_PER_DAY = 3
# whoever invites has so many letters written in a day, whatever organisation it is for
INVITATIONS_PER_DAY = 30


class Role(StrEnum):
    """What a member may: an owner everything, a buyer buy, an auditor see what was bought and buy nothing."""

    OWNER = "owner"
    BUYER = "buyer"
    AUDITOR = "auditor"


class OrganisationUnknown(Exception):
    """There is no such organisation, or you are none of its members."""


class NotAnOwner(Exception):
    """Only an owner of the organisation may do this; ask one of them."""


class LastOwner(Exception):
    """An organisation has an owner at any time: make somebody else an owner first, or end the organisation."""


class NotAMember(Exception):
    """This customer is no member of the organisation."""


class AlreadyMember(Exception):
    """Whoever has this address is a member already; change their role instead."""


class InvitationUnknown(Exception):
    """This invitation was for another address, has been used or withdrawn, or is older than seven days."""


class TooManyOrganisations(Exception):
    """One customer is of at most 20 organisations; leave one first."""


class TooManyMembers(Exception):
    """An organisation has at most 200 members, and 50 open invitations."""


class TooManyLetters(Exception):
    """This address was invited, or you have invited, so often within a day that another letter has to wait."""

    facts: ClassVar = {"retry_after_seconds": int(DAY.total_seconds())}


def role_of(roles: Mapping[UUID, Role], customer_id: UUID) -> Role:
    """Return what a customer is; raises OrganisationUnknown for whoever is no member."""
    if customer_id not in roles:
        raise OrganisationUnknown
    return roles[customer_id]


def check_owner(roles: Mapping[UUID, Role], customer_id: UUID) -> None:
    """Raise NotAnOwner unless a member is an owner, and OrganisationUnknown for whoever is no member."""
    if role_of(roles, customer_id) is not Role.OWNER:
        raise NotAnOwner


def check_owner_stays(roles: Mapping[UUID, Role], customer_id: UUID, becomes: Role | None) -> None:
    """Raise LastOwner where no owner were left if this member became this, or left; NotAMember for anybody else."""
    if customer_id not in roles:
        raise NotAMember
    after = {**roles, customer_id: becomes}
    if Role.OWNER not in after.values():
        raise LastOwner
