"""The rules of the second factor alone. ORD-1"""

from base64 import b32decode
from datetime import UTC, datetime, timedelta

import pytest
from accounts.domain.second_factor import (
    CONFIRM_WITHIN,
    admitted_roles,
    is_timed,
    is_unfinished,
    new_recovery_codes,
    steps,
)
from chassis.lists import compact
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
counters = st.integers(10, 10**9)


@given(counters, st.integers(-5, 5))
def test_no_step_counts_twice_nor_one_before_it_nor_one_further_than_one_aside(current: int, away: int):
    last = current + away
    assert all(last < step and abs(step - current) <= 1 for step in steps(current, last))
    assert list(steps(current, None)) == [current - 1, current, current + 1]


@given(st.lists(counters, max_size=30))
def test_whatever_comes_each_step_counts_at_most_once(presents: list[int]):
    last: int | None = None
    used: list[int] = []
    for present in presents:
        for step in list(steps(present, last))[:1]:
            used.append(step)
            last = step
    assert used == sorted(set(used))


@pytest.mark.parametrize(("code", "timed"), [("123456", True), ("12345", False), ("١٢٣٤٥٦", False), ("²23456", False)])
def test_only_six_plain_digits_are_a_code_by_time(code: str, timed: bool):
    assert is_timed(code) is timed


def test_recovery_codes_have_a_hundred_and_twenty_random_bits_and_are_never_taken_for_codes_by_time():
    codes = new_recovery_codes()
    assert (len(codes), len(set(codes))) == (10, 10)
    for code in codes:
        assert len(b32decode(compact(code))) == 15
        assert compact(f" {code.lower()} ") == compact(code)
        assert not is_timed(compact(code))


def test_an_enrolment_has_to_be_finished_in_time():
    assert is_unfinished(NOW, NOW + CONFIRM_WITHIN - timedelta(seconds=1))
    assert not is_unfinished(NOW, NOW + CONFIRM_WITHIN)


@pytest.mark.parametrize(
    ("roles", "methods", "required", "admits_to"),
    [
        (("sales",), ("pwd",), False, ("sales",)),
        (("sales", "support"), ("pwd",), True, ("enrolling",)),
        (("sales",), ("pwd", "otp", "mfa"), True, ("sales",)),
        (("customer",), ("pwd",), True, ("customer",)),
        ((), ("pwd",), True, ("enrolling",)),
    ],
)
def test_where_it_is_required_staff_without_it_may_only_enrol(
    roles: tuple[str, ...], methods: tuple[str, ...], required: bool, admits_to: tuple[str, ...]
):
    assert admitted_roles(roles, methods, confirmed=True, staff_need_second_factor=required) == admits_to
    assert admitted_roles(roles, methods, confirmed=False, staff_need_second_factor=required) == ("confirming",)
