"""The rules alone."""

from datetime import UTC, datetime, timedelta

import pytest
from accounts.domain import throttle
from accounts.domain.blind_index import keyed_hash, name_words
from accounts.domain.erasure import (
    HOLDERS,
    DestroyedKey,
    Order,
    PrivacyChoice,
    contact_is_due,
    expected_services,
    is_complete,
    profile_is_due,
)
from accounts.domain.guessing import is_guessable
from accounts.domain.people import SHORTEST_PASSWORD, normalised_password
from accounts.domain.purposes import KINDS, kind_for
from accounts.domain.tenant import record_years
from accounts.domain.throttle import Failures, Standing
from accounts.domain.tokens import ACCESS_LIFETIME, new_refresh_token, session_ends_at, tenant_of
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn.frequency_lists import FREQUENCY_LISTS  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType] -- it has no types

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
OPEN, CLOSED = Order(), Order(NOW, NOW)
moments = st.integers(-100, 100).map(lambda days: NOW + timedelta(days=days))
orders = st.lists(st.one_of(st.just(OPEN), st.builds(Order, moments, moments)), max_size=5)


def test_a_name_is_found_by_its_words():
    assert name_words("Jürgen  ÖZIL-Meier") == {"jürgen", "özil", "meier"}


def test_a_composed_letter_makes_the_same_password():
    assert normalised_password("u\u0308ber") == normalised_password("über")


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.text())
def test_blind_indexes_of_two_tenants_or_two_uses_have_nothing_in_common(one: bytes, other: bytes, text: str):
    assert keyed_hash(one, "email", text) == keyed_hash(one, "email", text)
    assert keyed_hash(one, "email", text) != keyed_hash(one, "name", text)
    assert one == other or keyed_hash(one, "email", text) != keyed_hash(other, "email", text)


def test_the_first_failures_cost_nothing_and_each_further_one_doubles_the_wait():
    waits = [throttle.pause(Failures(count, NOW), 5, NOW).total_seconds() for count in range(13)]
    assert waits == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


counted = st.builds(Failures, st.integers(0, 10_000), st.just(NOW))


@given(st.builds(Standing, counted, counted, counted, counted, st.booleans()), st.integers(0, 7200))
def test_nobody_waits_longer_than_a_quarter_of_an_hour(standing: Standing, seconds: int):
    wait = throttle.wait(standing, NOW + timedelta(seconds=seconds))
    assert timedelta() <= wait <= timedelta(minutes=15)


@given(st.builds(Standing, st.just(Failures(4, NOW)), counted, counted, counted, st.just(True)))
def test_whatever_others_do_an_owner_is_let_in_from_a_network_that_is_known(standing: Standing):
    assert throttle.wait(standing, NOW) == timedelta()


@pytest.mark.parametrize(("counts", "waits"), [((4, 49, 99, 4), 0), ((5, 0, 0, 0), 30), ((0, 50, 0, 0), 30),
                                               ((0, 0, 100, 0), 30), ((0, 0, 0, 5), 30)])  # fmt: skip
def test_from_elsewhere_the_network_the_account_and_its_codes_count_too(counts: tuple[int, ...], waits: int):
    standing = Standing(*(Failures(count, NOW) for count in counts), known=False)
    assert throttle.wait(standing, NOW) == timedelta(seconds=waits)


def test_a_session_ends_after_a_month_unused_and_after_ninety_days_and_for_staff_after_one():
    ends = [session_ends_at(NOW - timedelta(days=age), NOW, staff=False) - NOW for age in (0, 59, 70, 90)]
    assert [left.days for left in ends] == [30, 30, 20, 0]
    assert session_ends_at(NOW, NOW + timedelta(hours=9), staff=True) == NOW + timedelta(hours=24)


@pytest.mark.parametrize(
    "password",
    ["aaaaaaaaaaaa", "123456789012", "password1234", "P@ssw0rd1234", "qwertzuiop123", "abcabcabcabc", "Sommer2026!!!",
     "correct horse battery staple", "qazwsxedcrfv", "erika.musterfrau", "Musterfrau1985!", "112233445566"],
)  # fmt: skip
def test_what_is_guessed_first_is_no_password(password: str):
    assert is_guessable(password, "Erika Musterfrau", "erika@example.org")


def test_no_common_password_is_taken():
    common: list[str] = FREQUENCY_LISTS["passwords"]
    long = [password for password in common if len(password) >= SHORTEST_PASSWORD]
    assert len(long) > 200
    assert not [password for password in long if not is_guessable(password)]


@pytest.mark.parametrize(
    "password", ["korrekt pferd batterie", "einganzneueskennwort", "mississippi river", "q8Xw-2fKz_Lm"]
)
def test_several_words_or_random_letters_are_a_password(password: str):
    assert not is_guessable(password, "Erika Musterfrau", "erika@example.org")


def test_those_who_confirm_an_erasure_are_the_installed_services_that_hold_personal_data():  # ORD-2
    assert expected_services({"orders", "delivery", "catalog", "accounts"}) == ["delivery", "orders"]
    assert expected_services(()) == []


@given(orders)
def test_nobody_is_erased_while_an_order_is_open_or_without_having_chosen(known: list[Order]):  # M26
    assert not profile_is_due(PrivacyChoice(keep_data=True), known)
    assert not profile_is_due(PrivacyChoice(keep_data=False, deletion_asked=True), [*known, OPEN])
    assert not contact_is_due([*known, OPEN], NOW - timedelta(days=999), NOW)


def test_a_choice_to_delete_waits_for_the_first_order_and_a_request_does_not():  # M26
    assert not profile_is_due(PrivacyChoice(keep_data=False), [])
    assert profile_is_due(PrivacyChoice(keep_data=False), [CLOSED])
    assert profile_is_due(PrivacyChoice(keep_data=True, deletion_asked=True), [])
    assert profile_is_due(PrivacyChoice(keep_data=True, deletion_asked=True), [CLOSED])


@given(st.lists(st.builds(Order, moments, moments), min_size=1, max_size=5), moments)
def test_the_contact_key_is_destroyed_when_every_window_has_closed_and_no_token_is_left_to_order_with(
    known: list[Order], now: datetime
):
    erased = NOW - timedelta(days=1)
    last = max([erased + ACCESS_LIFETIME, *(order.contact_until for order in known if order.contact_until)])
    assert contact_is_due(known, erased, now) == (now >= last)
    assert not contact_is_due(known, None, now)


def test_an_erasure_is_complete_a_minute_after_both_keys_and_when_all_have_confirmed_both():  # ORD-2
    everybody = frozenset(HOLDERS)
    good = DestroyedKey(NOW - timedelta(seconds=60), everybody)
    assert is_complete([good, good], HOLDERS, NOW)
    for bad in (
        DestroyedKey(NOW - timedelta(seconds=59), everybody),
        DestroyedKey(None, everybody),
        DestroyedKey(NOW - timedelta(days=1), everybody - {"orders"}),
    ):
        assert not is_complete([good, bad], HOLDERS, NOW)
    assert not is_complete([], HOLDERS, NOW)


@given(st.text(), st.text())
def test_what_the_table_does_not_name_is_denied(service: str, purpose: str):  # M24
    assert (kind_for(service, purpose) is not None) == ((service, purpose) in KINDS)


def test_no_purpose_opens_a_key_of_staff_and_only_these_open_records():  # M23
    assert set(KINDS.values()) == {"profile", "contact", "records", "organisation"}
    assert {purpose for (_, purpose), kind in KINDS.items() if kind == "records"} == {
        "bookkeeping",
        "buyer",
        "archive",
        "export records",
        "receipts",
        "review",
        "withdrawn",
    }


def test_records_keys_are_there_for_this_year_and_the_next():
    assert record_years(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == (2026, 2027)


def test_a_refresh_token_names_its_tenant_and_never_repeats():
    token = new_refresh_token("kontor-2")
    assert tenant_of(token) == "kontor-2"
    assert token != new_refresh_token("kontor-2")
