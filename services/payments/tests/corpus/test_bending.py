"""However the files of the corpus are bent: nothing is lost, nothing is paid wrongly (PAY-6)."""

import random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from . import bending
from .description import Example, Outcome, corpus, outcomes
from .judge import Result, Shop, expected, written, wrongly_paid

names = st.sampled_from(sorted(corpus()))
dice = st.randoms(use_true_random=False)


def file_of(example: Example, at: int, change: dict[str, Any], rolled: random.Random | None) -> bytes:
    file = example.case.files[at]
    if file.again is not None:
        at, file = file.again, example.case.files[file.again]
    manner = bending.bent(example.manner(file), change)
    root = bending.tree_of(example, file, at, manner)
    if rolled is not None:
        bending.stir(root, rolled)
    return bending.encoded(root, manner)


@settings(max_examples=150, deadline=None)
@given(names, bending.manners, st.none() | dice)
@example(name="de-number-short", change={"text": "extension"}, rolled=None)
def test_what_a_file_means_does_not_depend_on_how_it_is_written(
    name: str, change: dict[str, Any], rolled: random.Random | None
):
    example = corpus()[name]
    if name == "de-number-short":
        change.pop("width", None)  # a short number is read whole only: what is cut off of it could be another's
    shop = Shop(example)
    for at in range(len(example.case.files)):
        # The same file again is the same bytes, and stirred with the same dice.
        again = example.case.files[at].again is not None
        content = file_of(example, at, change, None if again or len(example.case.files) > 1 else rolled)
        assert shop.read(content) == expected(example, at), content.decode("utf-8", "replace")
    assert wrongly_paid(shop) == []


@settings(max_examples=60, deadline=None)
@given(names, dice)
def test_files_in_any_order_and_number_pay_nothing_wrongly_and_are_answered_the_same(name: str, rolled: random.Random):
    example = corpus()[name]
    shop = Shop(example)
    answers: dict[bytes, Result] = {}
    for content in bending.shuffled(written(example), rolled):
        answer = shop.read(content)
        assert answers.setdefault(content, answer) == answer
    assert wrongly_paid(shop) == []


@settings(max_examples=150, deadline=None)
@given(names, dice)
def test_an_entry_that_is_damaged_changes_no_other_and_is_not_lost(name: str, rolled: random.Random):
    example = corpus()[name]
    file = example.case.files[0]
    root = bending.tree_of(example, file, 0, example.manner(file))
    found = bending.entries(root)
    if not found or file.refused is not None or any(one.left_out for one in file.statements):
        return
    at = rolled.randrange(len(found))
    bending.damage(found[at], rolled)
    shop = Shop(example)
    result = shop.read(bending.encoded(root, example.manner(file)))
    described = [list(outcomes(example, one)) for one in by_entry(example)]
    before = [one for entry in described[:at] for one in entry]
    behind = [one for entry in described[at + 1 :] for one in entry]
    count = len(result.outcomes) - len(before) - len(behind)
    assert count > 0 or result.passed_over, result
    touched = {one.order for one in described[at]}
    untouched = [one for one in (*before, *behind) if one.order is None or one.order not in touched]
    rest = [*result.outcomes[: len(before)], *result.outcomes[len(result.outcomes) - len(behind) :]]
    assert not [one for one in untouched if one not in rest]
    assert wrongly_paid(shop) == []


def by_entry(example: Example) -> list[Any]:
    """Return the statements of the first file, taken apart into statements of one entry."""
    statements = example.case.files[0].statements
    return [one.model_copy(update={"entries": [entry]}) for one in statements for entry in one.entries]


@settings(max_examples=150, deadline=None)
@given(names, dice)
def test_a_file_with_spoilt_bytes_is_refused_or_pays_nothing_wrongly(name: str, rolled: random.Random):
    example = corpus()[name]
    shop = Shop(example)
    for content in written(example):
        shop.read(bending.spoil(content, rolled))
    assert wrongly_paid(shop) == []


def test_the_judge_notices_what_is_paid_wrongly():
    example = corpus()["de-large"]
    shop = Shop(example)
    (content,) = written(example)
    assert all(isinstance(one, Outcome) for one in shop.read(content).outcomes)
    credit, statement, _ = shop.paid[0]
    shop.paid.append((credit, statement, "b"))
    shop.paid.append((credit, statement, "a"))
    assert len(wrongly_paid(shop)) == 2
