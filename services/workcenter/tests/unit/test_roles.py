"""Who is shown which part, and what a page is a part of."""

import pytest
from workcenter.domain.roles import PARTS, is_staff, part_at, parts_of

ALL = {part.service for part in PARTS}


@pytest.mark.parametrize(
    ("roles", "seen"),
    [
        ((), []),
        (("customer",), []),
        (("files",), ["articles"]),
        (("sales",), ["orders", "articles", "downloads", "money", "rewards", "emails", "partners"]),
        (("bookkeeping",), ["orders", "money"]),
        (("reviewer",), ["orders", "cases", "erasures", "partners", "audit"]),
        (("operator",), ["services"]),
        (("administrator",), ["staff"]),
        (("support",), ["orders", "articles", "downloads", "rewards", "emails", "erasures", "partners"]),
    ],
)
def test_a_role_is_shown_what_is_its_own(roles: tuple[str, ...], seen: list[str]):
    assert [part.name for part in parts_of(roles, ALL)] == seen


def test_what_is_not_installed_is_not_shown():
    assert [part.name for part in parts_of(("support",), {"orders"})] == ["orders"]


def test_customers_do_not_work_here():
    assert not is_staff(("customer",))
    assert not is_staff(())
    assert is_staff(("customer", "files"))


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/", ""),
        ("/orders", "orders"),
        ("/orders/x?note=done", "orders"),
        ("/ordersome", ""),
        ("/skus/A", "articles"),
        ("/withdrawals?state=all", "orders"),
        ("/conversations/x", "cases"),
        ("/search?q=/orders", ""),
    ],
)
def test_a_page_is_in_its_part(path: str, part: str):
    found = part_at(path)
    assert (found.name if found else "") == part
