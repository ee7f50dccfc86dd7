from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from catalog.domain.assortment import (
    History,
    Market,
    Merging,
    WantedEdition,
    WantedListing,
    WantedProduct,
    WantedVariant,
)
from catalog.domain.coupon import WantedCoupon, offer
from catalog.domain.errors import (
    ChannelUnknown,
    CouponAlike,
    CouponInDirectChannel,
    DaysUnused,
    DaysWrong,
    ExclusiveProduct,
    KeysUnused,
    NetForConsumers,
    NeverSellable,
    NotEligible,
    NotListed,
    PrefixUnused,
    PriceBackdated,
    PriceMissing,
    PriceNotRrp,
    PriceTaken,
)
from catalog.domain.money import Price, WantedPrice
from catalog.domain.product import (
    Buyer,
    Channel,
    DeliveryDays,
    KeySource,
    KeysPer,
    Kind,
    Product,
    Settings,
    offered,
    product_id,
)
from catalog.domain.repricing import with_price, with_rrp
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
CHANNELS = {
    "direct": Channel("direct", Kind.DIRECT, "kontor", "DE"),
    "nordlicht": Channel("nordlicht", Kind.PARTNER, "nordlicht", "DE"),
}
NET = {**CHANNELS, "trade": Channel("trade", Kind.DIRECT, "kontor", "DE", net=True)}
DIRECT = WantedListing("direct")
PARTNER = WantedListing("nordlicht", (WantedPrice(80, "EUR"),))
VARIANT = WantedVariant("SKU", "download", "standard", (WantedPrice(100, "EUR"),), {}, (DIRECT, PARTNER))
WANTED = WantedProduct("Line", "Family", "1", False, (WantedEdition("basic", "Basic", "", (VARIANT,)),))


def request(*listings: WantedListing, exclusive: bool = False, **variant: object) -> WantedProduct:
    changed = replace(VARIANT, listings=listings or VARIANT.listings, **variant)  # pyright: ignore[reportArgumentType] -- a test gives what it likes
    return replace(WANTED, exclusive=exclusive, editions=(replace(WANTED.editions[0], variants=(changed,)),))


def merged(wanted: WantedProduct, current: Product | None = None, history: History | None = None) -> Product:
    settings = {variant.sku: variant.settings for variant in current.variants} if current else {}
    merging = Merging(Market("kontor", CHANNELS, history or {}, settings, NOW), current)
    product = merging.product(wanted)
    assert not merging.breaches
    return product


def breached(wanted: WantedProduct) -> list[tuple[tuple[str, ...], type[Exception]]]:
    merging = Merging(Market("kontor", CHANNELS, {}, {}, NOW), None)
    merging.product(wanted)
    return [(breach.at, type(breach.error)) for breach in merging.breaches]


def test_the_direct_channel_sells_at_the_recommended_price_by_making():
    # CAT-3
    variant = merged(WANTED).variant("SKU")
    listing = variant.listing("direct")
    assert listing is not None
    assert listing.prices == variant.rrp == (Price(100, "EUR", NOW),)


def test_another_price_in_the_direct_channel_is_refused():
    # CAT-3
    for prices in ([WantedPrice(99, "EUR")], [WantedPrice(100, "CHF")], [WantedPrice(100, "EUR", NOW - DAY)]):
        found = breached(request(replace(DIRECT, prices=tuple(prices))))
        assert found == [(("SKU", "direct"), PriceNotRrp)], prices
    assert not breached(request(replace(DIRECT, prices=(WantedPrice(100, "EUR"),))))


def test_a_partner_channel_needs_a_price_of_its_own():
    assert breached(request(WantedListing("nordlicht"))) == [(("SKU", "nordlicht"), PriceMissing)]


def test_an_exclusive_product_is_for_partners_only():
    # CAT-5, M15
    assert breached(request(DIRECT, PARTNER, exclusive=True)) == [((), ExclusiveProduct)]
    assert not breached(request(PARTNER, exclusive=True))


def test_an_unknown_channel_and_an_end_before_the_beginning_are_refused():
    assert breached(request(WantedListing("nowhere"))) == [(("SKU", "nowhere"), ChannelUnknown)]
    late = replace(PARTNER, sellable_from=NOW, sellable_until=NOW)
    assert breached(request(late)) == [(("SKU", "nordlicht"), NeverSellable)]


def test_a_prefix_without_generated_keys_is_refused():
    # CAT-9
    settings = {"key_source": KeySource.IMPORTED, "key_prefix": "AB"}
    assert breached(request(settings=settings)) == [(("SKU",), PrefixUnused)]


def test_one_key_per_purchase_needs_keys():
    # CAT-9, LIC-4
    assert breached(request(settings={"keys_per": KeysPer.PURCHASE})) == [(("SKU",), KeysUnused)]
    for source in (KeySource.IMPORTED, KeySource.GENERATED):
        assert not breached(request(settings={"keys_per": KeysPer.PURCHASE, "key_source": source}))


def test_the_direct_channel_takes_no_coupon():
    # CAT-4, M17
    wanted = WantedCoupon("nordlicht", "TEN", 1000, None, NOW + DAY, None)
    coupon = offer("kontor", wanted, CHANNELS, None, NOW)
    assert (coupon.channel, coupon.valid_from) == ("nordlicht", NOW)
    with pytest.raises(CouponInDirectChannel):
        offer("kontor", replace(wanted, channel="direct"), CHANNELS, None, NOW)
    with pytest.raises(NeverSellable):
        offer("kontor", replace(wanted, valid_until=NOW), CHANNELS, None, NOW)
    with pytest.raises(CouponAlike):
        offer("kontor", replace(wanted, code="TE-N"), CHANNELS, coupon, NOW)


def test_nothing_is_for_sale_before_its_date_nor_from_its_end_on():
    # CAT-6
    product = merged(request(replace(PARTNER, sellable_from=NOW + DAY, sellable_until=NOW + 2 * DAY)))
    for at in (NOW, NOW + DAY - timedelta(microseconds=1), NOW + 2 * DAY):
        with pytest.raises(NotListed):
            offered(product, "nordlicht", Buyer(), at)
    assert offered(product, "nordlicht", Buyer(), NOW + DAY)


def test_a_listing_without_a_price_in_force_is_not_for_sale():
    product = merged(request(replace(PARTNER, prices=(WantedPrice(80, "EUR", NOW + DAY),))))
    with pytest.raises(NotListed):
        offered(product, "nordlicht", Buyer(), NOW)


def test_a_buyer_of_another_market_or_type_is_refused():
    # CAT-7
    product = merged(request(replace(PARTNER, customer_types=frozenset({"business"}))))
    assert offered(product, "nordlicht", Buyer("DE", "business"), NOW)
    assert offered(product, "nordlicht", Buyer(), NOW)
    for buyer in (Buyer("FR", "business"), Buyer("DE", "consumer")):
        with pytest.raises(NotEligible):
            offered(product, "nordlicht", buyer, NOW)
    with pytest.raises(NotListed):
        offered(product, "direct", Buyer(), NOW)


def test_settings_that_are_not_named_stay():
    # CAT-9
    first = merged(request(settings={"link_validity_days": 90, "key_source": KeySource.GENERATED, "key_prefix": "AB"}))
    history = {("SKU", ""): first.variant("SKU").rrp, ("SKU", "nordlicht"): (Price(80, "EUR", NOW),)}
    assert merged(request(settings={}), first, history) == first
    imported = merged(request(settings={"key_source": KeySource.IMPORTED}), first, history).variant("SKU")
    assert imported.settings == Settings(link_validity_days=90, key_source=KeySource.IMPORTED)


def test_whether_keys_are_shared_stays_until_it_is_named_or_there_are_none():
    # LIC-4
    first = merged(request(settings={"key_source": KeySource.GENERATED, "keys_per": KeysPer.PURCHASE}))
    history = {("SKU", ""): first.variant("SKU").rrp, ("SKU", "nordlicht"): (Price(80, "EUR", NOW),)}
    for settings, keys_per in (
        ({}, KeysPer.PURCHASE),
        ({"key_source": KeySource.IMPORTED}, KeysPer.PURCHASE),
        ({"key_source": KeySource.NONE}, KeysPer.UNIT),
        ({"keys_per": KeysPer.UNIT}, KeysPer.UNIT),
    ):
        assert merged(request(settings=settings), first, history).variant("SKU").settings.keys_per is keys_per


@pytest.mark.parametrize(("least", "most"), [(0, 2), (5, 4), (2, 91), (-1, -1)])
def test_a_box_arrives_within_days_that_can_be_meant(least: int, most: int):
    days = {"delivery_days": DeliveryDays(least, most)}
    assert breached(request(settings=days, fulfilment="boxed")) == [(("SKU",), DaysWrong)]
    for right in (DeliveryDays(1, 1), DeliveryDays(1, 90), DeliveryDays(90, 90)):
        assert not breached(request(settings={"delivery_days": right}, fulfilment="boxed"))


def test_days_are_for_boxes_and_go_when_an_article_becomes_a_download():
    days = {"delivery_days": DeliveryDays(2, 4)}
    assert breached(request(settings=days)) == [(("SKU",), DaysUnused)]
    box = merged(request(settings=days, fulfilment="boxed"))
    history = {("SKU", ""): box.variant("SKU").rrp, ("SKU", "nordlicht"): (Price(80, "EUR", NOW),)}
    assert merged(request(fulfilment="boxed"), box, history).variant("SKU").settings.delivery_days == DeliveryDays(2, 4)
    assert merged(request(), box, history).variant("SKU").settings.delivery_days is None


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 3), st.none() | st.integers(0, 5)), max_size=8))
def test_whatever_staff_prices_the_direct_channel_sells_at_exactly_the_recommended_price(
    steps: list[tuple[bool, int, int | None]],
):
    # CAT-3
    product = merged(WANTED)
    for recommended, amount, days in steps:
        wanted = WantedPrice(amount, "EUR", None if days is None else NOW + days * DAY)
        with suppress(PriceNotRrp, PriceTaken, PriceBackdated):
            if recommended:
                product = with_rrp(product, "SKU", CHANNELS, wanted, NOW + DAY)
            else:
                product = with_price(product, "SKU", CHANNELS["direct"], wanted, NOW + DAY)
    (offer_,) = offered(product, "direct", Buyer(), NOW + 9 * DAY)
    assert offer_.prices == offer_.rrp
    assert offer_.listing.prices == offer_.variant.rrp


def test_a_products_id_depends_on_tenant_family_and_version_and_on_nothing_else():
    assert product_id("a", "b", "c") == product_id("a", "b", "c")
    others = {
        product_id("a", "b", "d"),
        product_id("a", "d", "c"),
        product_id("d", "b", "c"),
        product_id("a", "bc", ""),
    }
    assert len(others | {product_id("a", "b", "c")}) == 5


def test_a_channel_with_net_prices_sells_to_businesses_alone():
    def reached(listing: WantedListing) -> tuple[frozenset[str], list[type[Exception]]]:
        merging = Merging(Market("kontor", NET, {}, {}, NOW), None)
        (found,) = next(iter(merging.product(request(listing)).variants)).listings
        return found.customer_types, [type(one.error) for one in merging.breaches]

    assert reached(WantedListing("trade")) == (frozenset({"business"}), [])
    everybody = frozenset({"consumer", "business"})
    assert reached(WantedListing("trade", customer_types=everybody)) == (everybody, [NetForConsumers])
    assert reached(WantedListing("direct")) == (everybody, [])
