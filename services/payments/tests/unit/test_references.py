"""Creditor references (ISO 11649)."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payments.domain.references import (
    Wording,
    candidates,
    compact_number,
    numbers,
    reference_of,
    reference_of_id,
    similar,
)
from stdnum import iso11649


@given(st.text(max_size=40), st.uuids())
def test_every_order_has_a_valid_reference(number: str, order: UUID):  # PAY-5
    for reference in (reference_of(number, order), reference_of_id(order)):
        assert iso11649.is_valid(reference)
        assert len(reference) <= 25


def test_a_reference_shows_the_order_number():
    assert reference_of("K-2026-000001", uuid4())[4:] == "K2026000001"


@given(st.integers(0, 999_999), st.text(max_size=30), st.text(max_size=30), st.integers(1, 6))
def test_a_reference_is_found_however_it_is_broken_up(number: int, before: str, behind: str, width: int):
    reference = reference_of(f"K-2026-{number:06d}", uuid4())
    broken = " ".join(reference[at : at + width] for at in range(0, len(reference), width)).lower()
    text = f"{before} {broken} {behind}"
    assert reference in candidates(text) or "RF" in "".join(before.upper().split())


@given(st.text(max_size=300))
def test_what_is_found_is_always_valid(text: str):
    assert all(iso11649.is_valid(found) for found in candidates(text))


def test_the_field_for_the_reference_is_kept_apart_from_the_texts():
    reference, other = reference_of("K-2026-000001", uuid4()), reference_of("K-2026-000002", uuid4())
    assert Wording.of([iso11649.format(reference)], [other]).named == (reference,)
    assert Wording.of([], [f"for {other}"]).candidates == (other,)
    broken = Wording.of(["see text"], [f"for {other}"])
    assert (broken.structured, broken.named, broken.candidates) == (("see text",), (), (other,))
    assert Wording.of([], [""]) == Wording()


def test_texts_that_do_not_belong_together_make_no_reference():
    reference = reference_of("K-2026-000001", uuid4())
    assert Wording.of([], [reference[:9], reference[9:]]).candidates == ()


@pytest.mark.parametrize("typed", ["RF{}K2O26OOOOO1", "rf{} k2026 oooool", "RF {} K-2026-00000I"])
def test_letters_that_look_like_digits_are_read_as_digits(typed: str):
    reference = reference_of("K-2026-000001", uuid4())
    assert reference in candidates(typed.format(reference[2:4]))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Bestellung K-2026-000123, danke", True),
        ("k2026000123", True),
        ("K 2026 / 000123 vom 20.11.2026", True),
        ("Best.K-2026-0001 23", True),
        ("ORDER K_2026_000123.", True),
        ("K-2026-0001234", False),
        ("AK-2026-000123", False),
        ("K-2026-000123A", False),
    ],
)
def test_a_number_is_found_in_prose_and_only_whole(text: str, found: bool):
    assert ("K2026000123" in numbers(text)) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Bestellung K-2026-123", ("K2026123",)),
        ("k2026/123, danke", ("K2026123",)),
        ("K2026123", ("K2026123",)),
        ("K-2026-1 23", ()),
        ("Vielen Dank für alles, K-2026-123", ()),
        ("Vielen Dank für alles, K-2026-123.", ("K2026123",)),
        ("AB12K-2026-123", ()),
    ],
)
def test_a_number_without_its_zeros_is_read_only_where_nothing_of_it_can_be_cut_off(text: str, found: tuple[str, ...]):
    assert Wording.of([], [text]).shortened == found


@pytest.mark.parametrize(
    ("text", "proposed"),
    [
        ("K-2026-00123", True),
        ("Bestellung K202600123, danke", True),
        ("K-2026-00 123 vom 20.11.2026", True),
        ("Vielen Dank für alles, K-2026-123", True),
        ("K-2026-124", False),
        ("K-2026-001230", False),
    ],
)
def test_a_number_with_some_of_its_zeros_is_similar_to_the_short_one(text: str, proposed: bool):
    assert ("K2026123" in similar([text])) is proposed
    assert "K2026123" not in Wording.of([], [text]).shortened


def test_the_year_before_the_zeros_may_end_with_one():
    assert "K2030123" in similar(["K203000123"])


@given(st.text(max_size=60), st.text(max_size=60))
def test_what_may_be_a_number_is_letters_and_digits(before: str, behind: str):
    assert all(one == compact_number(one) for one in numbers(f"{before} K-2026-000123 {behind}"))


def test_a_text_of_many_references_ends_soon():
    assert len(candidates("RF18" * 1000)) < 300
