from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from orders.domain.offers import (
    Coupon,
    CouponRefused,
    CouponUsed,
    NotDelivered,
    NotEligible,
    NotSellable,
    Offer,
    Price,
    PriceChanged,
    Uses,
)

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def offer(**changes: Any) -> Offer:
    facts: dict[str, Any] = {
        "sku": "VISTA-HP-ESD",
        "name": "Windows Vista Home Premium",
        "channel": "direct",
        "channel_kind": "direct",
        "seller": "kontor",
        "fulfilment": "download",
        "tax_class": "standard",
        "key_source": "none",
        "key_prefix": "",
        "keys_per": "unit",
        "link_validity_days": 30,
        "download_limit": 5,
        "sellable_from": NOW - DAY,
        "sellable_until": None,
        "markets": frozenset({"DE"}),
        "customer_types": frozenset({"consumer"}),
        "rrp": (Price(21900, "EUR", NOW - DAY),),
        "prices": (Price(21900, "EUR", NOW - DAY), Price(23900, "EUR", NOW + DAY)),
    }
    return Offer(**(facts | changes))


def test_an_article_is_not_sold_before_its_date_nor_from_its_last_moment_on():  # CAT-6
    offer(sellable_from=NOW, sellable_until=NOW + DAY).check("DE", "consumer", NOW)
    with pytest.raises(NotSellable):
        offer(sellable_from=NOW + timedelta(seconds=1)).check("DE", "consumer", NOW)
    with pytest.raises(NotSellable):
        offer(sellable_until=NOW).check("DE", "consumer", NOW)


@pytest.mark.parametrize(("market", "customer_type"), [("FR", "consumer"), ("DE", "business")])
def test_an_article_is_sold_to_whom_it_is_meant_for(market: str, customer_type: str):  # CAT-7
    with pytest.raises(NotEligible):
        offer().check(market, customer_type, NOW)


def test_F_P12_the_price_that_was_shown_must_be_the_one_that_is_valid():
    assert offer().price_at(NOW, 21900, "EUR").amount == 21900
    assert offer().price_at(NOW + DAY, 23900, "EUR").amount == 23900
    with pytest.raises(PriceChanged):
        offer().price_at(NOW + DAY, 21900, "EUR")


def test_each_currency_has_its_own_prices():
    both = offer(prices=(Price(21900, "EUR", NOW - DAY), Price(19900, "CHF", NOW)))
    assert both.price_at(NOW, 21900, "EUR").amount == 21900
    assert both.price_at(NOW, 19900, "CHF").currency == "CHF"
    with pytest.raises(NotSellable):
        both.price_at(NOW, 21900, "USD")


def test_an_article_without_a_price_that_has_begun_is_not_sold():
    with pytest.raises(NotSellable):
        offer().price_at(NOW - 2 * DAY, 21900, "EUR")


def coupon(**changes: Any) -> Coupon:
    facts: dict[str, Any] = {
        "id": uuid4(),
        "code": "NORD10",
        "channel": "nordlicht",
        "discount_basis_points": 1000,
        "valid_from": NOW - DAY,
        "valid_until": NOW + DAY,
        "uses": 2,
        "uses_per_customer": 1,
    }
    return Coupon(**(facts | changes))


def test_a_partner_channel_takes_its_own_coupon():  # CAT-4
    coupon().check("nordlicht", "partner", NOW)


@pytest.mark.parametrize(
    ("changes", "channel", "kind"),
    [
        ({}, "direct", "direct"),
        ({"channel": "direct"}, "direct", "direct"),
        ({}, "suedlicht", "partner"),
        ({"valid_from": NOW + DAY}, "nordlicht", "partner"),
        ({"valid_until": NOW}, "nordlicht", "partner"),
    ],
)
def test_a_coupon_is_refused_elsewhere_and_out_of_time(  # M17
    changes: dict[str, Any], channel: str, kind: str
):
    with pytest.raises(CouponRefused):
        coupon(**changes).check(channel, kind, NOW)


def test_a_coupon_is_refused_when_all_or_one_customer_have_used_it_up():  # M17
    coupon().check_uses(Uses(1, 0))
    coupon(uses=None).check_uses(Uses(1000, 0))
    with pytest.raises(CouponUsed):
        coupon().check_uses(Uses(1, 1))
    for all_uses in (2, 30):  # more, where some were taken back
        with pytest.raises(CouponRefused):
            coupon().check_uses(Uses(all_uses, 0))


def test_a_box_goes_to_the_countries_in_which_it_is_sold_and_a_download_goes_nowhere():
    box = offer(fulfilment="boxed")
    box.check_delivered("DE")
    with pytest.raises(NotDelivered) as refused:
        box.check_delivered("FR")
    assert refused.value.facts == {"about": "shipping_country"}
    offer().check_delivered("FR")
