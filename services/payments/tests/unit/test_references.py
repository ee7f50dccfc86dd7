"""Creditor references (ISO 11649)."""

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from payments.domain.references import candidates, meant, reference_of, reference_of_id
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


def test_the_field_for_the_reference_counts_before_the_text():
    reference, other = reference_of("K-2026-000001", uuid4()), reference_of("K-2026-000002", uuid4())
    assert meant([iso11649.format(reference)], other) == (reference,)
    assert meant([], f"for {other}") == (other,)
    assert meant(["see text"], f"for {other}") == ("SEETEXT", other)
    assert meant([], "") == ()


def test_a_text_of_many_references_ends_soon():
    assert len(candidates("RF18" * 1000)) < 300
