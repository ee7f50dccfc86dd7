"""An organisation has an owner at any time."""

from uuid import uuid4

import pytest
from accounts.domain.organisation import (
    LastOwner,
    NotAMember,
    NotAnOwner,
    OrganisationUnknown,
    Role,
    check_owner,
    check_owner_stays,
)

ANNA, BEN, CORA = uuid4(), uuid4(), uuid4()
ROLES = {ANNA: Role.OWNER, BEN: Role.BUYER}


def test_only_owners_decide():
    check_owner(ROLES, ANNA)
    with pytest.raises(NotAnOwner):
        check_owner(ROLES, BEN)
    with pytest.raises(OrganisationUnknown):
        check_owner(ROLES, CORA)


@pytest.mark.parametrize("becomes", [None, Role.BUYER, Role.AUDITOR])
def test_the_last_owner_stays_one(becomes: Role | None):
    with pytest.raises(LastOwner):
        check_owner_stays(ROLES, ANNA, becomes)
    check_owner_stays(ROLES, ANNA, Role.OWNER)
    check_owner_stays({**ROLES, CORA: Role.OWNER}, ANNA, becomes)
    check_owner_stays(ROLES, BEN, becomes)


def test_who_is_no_member_changes_to_nothing():
    with pytest.raises(NotAMember):
        check_owner_stays(ROLES, CORA, Role.OWNER)
