import pytest
from delivery.domain.ranges import ByteRange, RangeNotSatisfiable, requested
from hypothesis import given
from hypothesis import strategies as st

TAG = '"abc"'
WHOLE = ByteRange(0, 100, partial=False)


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=40-", 40, 100),
        ("bytes=-10", 90, 100),
        ("bytes=-500", 0, 100),
        ("bytes=90-999", 90, 100),
    ],
)
def test_one_range_is_sent_as_asked(asked: str, first: int, end: int):
    assert requested(100, TAG, asked, None) == ByteRange(first, end, partial=True)


@pytest.mark.parametrize(
    "asked", [None, "", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b", "bytes=٣-", "0-1"]
)
def test_what_is_no_single_range_gets_the_whole_file(asked: str | None):
    assert requested(100, TAG, asked, None) == WHOLE


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=9999999999999999999-"])
def test_a_range_behind_the_end_cannot_be_satisfied(asked: str):
    with pytest.raises(RangeNotSatisfiable):
        requested(100, TAG, asked, None)


def test_F_D10_a_range_counts_only_if_the_strong_tag_is_the_files():
    assert requested(100, TAG, "bytes=5-", TAG).first == 5
    for stale in ('"old"', 'W/"abc"', "Sun, 22 Nov 2026 00:00:00 GMT"):
        assert requested(100, TAG, "bytes=5-", stale) == WHOLE


@given(st.integers(1, 10**12), st.text(max_size=30))
def test_whatever_is_asked_stays_within_the_file(size: int, asked: str):
    for text in (asked, f"bytes={asked}"):
        try:
            want = requested(size, TAG, text, None)
        except RangeNotSatisfiable:
            continue
        assert 0 <= want.first < want.end <= size
