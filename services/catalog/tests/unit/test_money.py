from datetime import UTC, datetime, timedelta

import pytest
from catalog.domain.errors import PriceBackdated, PriceTaken
from catalog.domain.money import Price, Range, Series, WantedPrice, current, extended, lasting, ranges, valid
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def day(offset: int) -> datetime:
    return NOW + timedelta(days=offset)


requests = st.lists(
    st.builds(
        WantedPrice,
        amount=st.integers(1, 3),
        currency=st.sampled_from(["EUR", "CHF"]),
        valid_from=st.none() | st.integers(-3, 3).map(day),
    ),
    max_size=6,
)


@given(requests, requests)
def test_recording_prices_never_changes_what_was_in_force_before_now(first: list[WantedPrice], then: list[WantedPrice]):
    series = recorded((), first)
    longer = recorded(series, then)
    assert set(series) <= set(longer)
    for currency in ("EUR", "CHF"):
        for offset in (-3, -2, -1):
            if valid(series, currency, NOW) is not None:
                assert amount(longer, currency, day(offset)) == amount(series, currency, day(offset))


@given(requests)
def test_recording_the_same_prices_again_records_nothing(wanted: list[WantedPrice]):
    try:
        series = extended((), wanted, NOW)
    except (PriceTaken, PriceBackdated):
        return
    assert extended(series, [w for w in wanted if w.valid_from is not None], NOW) == series


def amount(series: Series, currency: str, at: datetime) -> int | None:
    price = valid(series, currency, at)
    return None if price is None else price.amount


def recorded(series: Series, wanted: list[WantedPrice]) -> Series:
    """The series with as many of the prices as are accepted."""
    for price in wanted:
        try:
            series = extended(series, [price], NOW)
        except (PriceTaken, PriceBackdated):
            continue
    return series


def test_the_latest_price_that_has_begun_is_in_force():
    series = (Price(100, "EUR", day(-2)), Price(120, "EUR", day(1)), Price(90, "CHF", day(-1)))
    assert valid(series, "EUR", NOW) == series[0]
    assert valid(series, "EUR", day(1)) == series[1]
    assert valid(series, "EUR", day(-3)) is None
    assert current(series, NOW) == (series[2], series[0])


def test_a_first_price_may_have_begun_long_ago_and_a_later_one_not():
    first = extended((), [WantedPrice(100, "EUR", day(-30)), WantedPrice(110, "EUR", day(-10))], NOW)
    assert [price.amount for price in first] == [100, 110]
    with pytest.raises(PriceBackdated):
        extended(first, [WantedPrice(90, "EUR", day(-1))], NOW)


def test_another_amount_from_the_very_same_moment_is_refused():
    with pytest.raises(PriceTaken):
        extended((Price(100, "EUR", day(2)),), [WantedPrice(90, "EUR", day(2))], NOW)


def test_a_range_is_told_for_each_currency():
    # CAT-2
    prices = [Price(amount, currency, NOW) for amount, currency in ((300, "EUR"), (100, "EUR"), (200, "CHF"))]
    assert ranges(prices) == (Range("CHF", 200, 200), Range("EUR", 100, 300))


def test_a_price_that_contradicts_another_of_the_same_wish_is_refused():
    with pytest.raises(PriceTaken):
        extended((), [WantedPrice(100, "EUR"), WantedPrice(90, "EUR")], NOW)


@given(requests, st.integers(-4, 4))
def test_what_lasts_gives_the_same_prices_from_then_on(wanted: list[WantedPrice], since: int):
    series = recorded((), wanted)
    kept = lasting(series, day(since))
    for currency in ("EUR", "CHF"):
        for offset in range(since, 5):
            assert valid(kept, currency, day(offset)) == valid(series, currency, day(offset))
        assert sum(price.currency == currency and price.valid_from <= day(since) for price in kept) <= 1
