"""The format of an assortment file:  channels, products > editions > variants > channels, coupons."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar, cast

import yaml
from chassis.lists import Faults, FileRefused, compact, line_of, parse

from catalog.commands import texts, values
from catalog.commands.sheet import Sheet
from catalog.domain.assortment import WantedEdition, WantedListing, WantedProduct, WantedVariant
from catalog.domain.coupon import WantedCoupon
from catalog.domain.money import WantedPrice
from catalog.domain.presentation import WantedPresentation
from catalog.domain.product import Channel, DeliveryDays, KeySource, KeysPer, Kind
from catalog.usecases.loading import OF_LINE, Assortment

T = TypeVar("T")
Path = tuple[str, ...]

FILE = frozenset({"currency", "time_zone", "channels", "lines", "families", "products", "coupons"})
CHANNEL = frozenset({"kind", "seller", "market", "prices"})
PRODUCT = frozenset({"line", "family", "version", "exclusive", "editions", "texts", "support"})
EDITION = frozenset({"code", "name", "description", "variants", "texts", "support"})
VARIANT = frozenset({"sku", "fulfilment", "tax_class", "rrp", "delivery", "license", "eligibility", "channels"})
DELIVERY = frozenset({"link_validity_days", "download_limit", "days"})
LICENSE = frozenset({"key_source", "key_prefix", "keys_per", "low_stock", "devices"})
ELIGIBILITY = frozenset({"markets", "customer_types"})
LISTING = frozenset({"price", "from", "until", "eligibility"})
PRICE = frozenset({"amount", "from"})
COUPON = frozenset({"code", "channel", "percent", "from", "until", "uses", "uses_per_customer"})

MOST_EDITIONS = 50
MOST_VARIANTS = 20
MOST_PRICES = 100
LONGEST_NAME = 120
LONGEST_DESCRIPTION = 2000
code = values.like(values.CODE, "home-premium")
sku = values.like(values.SKU, "VISTA-HP-ESD")
name = values.words(LONGEST_NAME)
FAR = datetime(2199, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Reader:
    """Reads a file once, keeping in which line each thing stands; what is wrong is repathd so that reading goes on."""

    faults: Faults = field(default_factory=Faults)
    lines: dict[Path, int] = field(default_factory=dict[Path, int])
    # channels of an unreadable kind: no rule can be judged by them
    doubtful: set[str] = field(default_factory=set[str])
    shown: dict[Path, WantedPresentation] = field(default_factory=dict[Path, WantedPresentation])
    currency: str = "EUR"
    zone: tzinfo = UTC

    def read(self, raw: bytes) -> Assortment:
        """The assortment of a file; worth something only where there are no faults."""
        try:
            root = parse(raw, self.faults)
        except FileRefused as refused:
            self.faults.found += refused.faults
            return Assortment((), (), (), {})
        sheet = Sheet.of(root, self.faults, FILE)
        self.currency = sheet.take("currency", values.currency, "EUR")
        self.zone = sheet.take("time_zone", values.zone, cast("tzinfo", UTC))
        channels = self._named(sheet, "channels", self._channel)
        products = [self._product(item) for item in sheet.items("products", required=True)]
        self._named_texts(sheet, "lines", {product.line for product in products}, texts.LINE)
        self._named_texts(sheet, "families", {product.family for product in products}, texts.FAMILY)
        coupons = [self._coupon(item) for item in sheet.items("coupons")]
        return Assortment(channels, products, [coupon for coupon in coupons if coupon is not None], self.shown)

    def line(self, path: Path) -> int:
        """Where a thing stands, or else what it belongs to."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)

    def _once(self, path: Path, line: int, what: str) -> None:
        if path in self.lines:
            self.faults.add(line, "repeated", f"{what} stands in line {self.lines[path]} already.")
        self.lines.setdefault(path, line)

    def _named(self, sheet: Sheet, field_: str, read: Callable[[str, int, Any], T]) -> list[T]:
        """Things whose names are the keys of a mapping."""
        node = sheet.node(field_)
        if node is None:
            return []
        found: list[T] = []
        for key, (line, value) in Sheet.of(node, self.faults, None).nodes.items():
            if values.CODE.fullmatch(key):
                found.append(read(key, line, value))
            else:
                self.faults.add(line, "out-of-range", "A channel's code must look like direct or nord-licht.")
        return found

    def _channel(self, key: str, line: int, node: Any) -> Channel:
        self.lines["channel", key] = line
        sheet = Sheet.of(node, self.faults, CHANNEL)
        kind = sheet.take("kind", values.one_of(*Kind), "", required=True)
        if not kind:
            self.doubtful.add(key)
        return Channel(
            code=key,
            kind=Kind(kind or Kind.PARTNER),
            seller=sheet.take("seller", code, "", required=True),
            market=sheet.take("market", values.market, "", required=True),
            net=sheet.take("prices", values.one_of("gross", "net"), "gross") == "net",
        )

    def _named_texts(self, sheet: Sheet, field_: str, known: set[str], fields: frozenset[str]) -> None:
        """How lines and families are shown, by their names."""
        one = "line" if field_ == "lines" else "family"
        node = sheet.node(field_)
        for key, (line, value) in Sheet.of(node, self.faults, None).nodes.items() if node is not None else ():
            if key not in known:
                self.faults.add(line, f"{one}-unknown", f"No product of this file is of this {one}.")
            self._show((OF_LINE, key) if one == "line" else (key,), Sheet.of(value, self.faults, fields))

    def _show(self, path: Path, sheet: Sheet) -> None:
        wanted = texts.read(sheet, self.faults)
        if wanted is not None:
            self.shown[path] = wanted

    def _product(self, node: Any) -> WantedProduct:
        sheet = Sheet.of(node, self.faults, PRODUCT)
        # what lacks its names is kept apart by its line
        family = sheet.take("family", name, f"?{sheet.line}", required=True)
        version = sheet.take("version", name, f"?{sheet.line}", required=True)
        self._once(("product", family, version), sheet.line, "This version of this family")
        exclusive = sheet.take("exclusive", values.yes_or_no, default=False)
        if exclusive:
            self.lines["product", family, version] = sheet.line_of("exclusive")
        self._show((family, version), sheet)
        nodes = list(sheet.items("editions", required=True))
        self._at_most(MOST_EDITIONS, nodes, "editions")
        editions = tuple(self._edition(item, ("product", family, version)) for item in nodes)
        for edition, count in Counter(edition.code for edition in editions).items():
            if count > 1:
                self.faults.add(sheet.line, "repeated", f"The edition {edition} stands here {count} times.")
        return WantedProduct(sheet.take("line", name, "", required=True), family, version, exclusive, editions)

    def _edition(self, node: Any, product: Path) -> WantedEdition:
        sheet = Sheet.of(node, self.faults, EDITION)
        nodes = list(sheet.items("variants", required=True))
        self._at_most(MOST_VARIANTS, nodes, "variants")
        key = sheet.take("code", code, f"?{sheet.line}", required=True)
        self._show((*product[1:], key), sheet)
        return WantedEdition(
            code=key,
            name=sheet.take("name", name, "", required=True),
            description=sheet.take("description", values.text(LONGEST_DESCRIPTION), ""),
            variants=tuple(self._variant(item, product) for item in nodes),
        )

    def _variant(self, node: Any, product: Path) -> WantedVariant:
        sheet = Sheet.of(node, self.faults, VARIANT)
        key = sheet.take("sku", sku, f"?{sheet.line}", required=True)
        self._once(("sku", key), sheet.line_of("sku"), "This SKU")
        self.lines[*product, key] = sheet.line_of("sku")
        self.lines[*product, key, ""] = sheet.line_of("rrp")
        eligible = self._eligibility(sheet)

        def listing(channel: str, line: int, value: Any) -> WantedListing:
            return self._listing(channel, line, value, (*product, key), eligible)

        return WantedVariant(
            sku=key,
            fulfilment=sheet.take("fulfilment", values.one_of("download", "boxed"), "download", required=True),
            tax_class=sheet.take("tax_class", values.one_of("standard", "reduced"), "standard"),
            rrp=self._prices(sheet, "rrp", required=True),
            settings=self._settings(sheet),
            listings=tuple(self._named(sheet, "channels", listing)),
        )

    def _listing(
        self, channel: str, line: int, node: Any, variant: Path, eligible: dict[str, frozenset[str] | None]
    ) -> WantedListing:
        sheet = Sheet.of(node, self.faults, LISTING)
        self.lines[*variant, channel] = sheet.line_of("price") if sheet.has("price") else line
        own = {known: value for known, value in self._eligibility(sheet).items() if value is not None}
        return WantedListing(
            channel=channel,
            # a price that could not be read is not one that is missing
            prices=self._prices(sheet, "price") if sheet.has("price") else None,
            sellable_from=self._moment(sheet, "from"),
            sellable_until=self._end(sheet),
            **(eligible | own),
        )

    def _eligibility(self, sheet: Sheet) -> dict[str, frozenset[str] | None]:
        node = sheet.node("eligibility")
        rules = Sheet.of(node, self.faults, ELIGIBILITY) if node is not None else Sheet(sheet.line, self.faults)
        markets = rules.values("markets", values.market)
        kinds = rules.values("customer_types", values.one_of("consumer", "business"))
        return {
            "markets": frozenset(markets) if markets else None,
            "customer_types": frozenset(kinds) if kinds else None,
        }

    def _settings(self, sheet: Sheet) -> dict[str, Any]:
        """The settings that are named; what is not named stays as staff has set it."""
        found: dict[str, Any] = {}
        for part, fields, readers in (
            ("delivery", DELIVERY, {"link_validity_days": (1, 3650), "download_limit": (1, 1000)}),
            ("license", LICENSE, {"low_stock": (0, 100_000), "devices": (1, 10_000)}),
        ):
            node = sheet.node(part)
            inner = Sheet.of(node, self.faults, fields) if node is not None else Sheet(sheet.line, self.faults)
            for setting, bounds in readers.items():
                if inner.has(setting):
                    found[setting] = inner.take(setting, values.number(*bounds), bounds[1])
            if inner.has("days"):
                found["delivery_days"] = inner.take("days", values.delivery_days, DeliveryDays(1, 1))
            if inner.has("key_source"):
                found["key_source"] = KeySource(
                    inner.take("key_source", values.one_of(*KeySource), KeySource.GENERATED)
                )
            if inner.has("key_prefix"):
                found["key_prefix"] = inner.take("key_prefix", values.like(values.PREFIX, "OFF07"), "")
            if inner.has("keys_per"):
                found["keys_per"] = KeysPer(inner.take("keys_per", values.one_of(*KeysPer), KeysPer.UNIT))
        return found

    def _prices(self, sheet: Sheet, field_: str, *, required: bool = False) -> tuple[WantedPrice, ...]:
        """One amount, one dated amount, or a list of either."""
        node = sheet.node(field_, required=required)
        if node is None:
            return ()
        nodes: list[Any] = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not nodes:
            self.faults.add(line_of(node), "missing", f"The list {field_} is empty.")
        self._at_most(MOST_PRICES, nodes, "prices")
        return tuple(price for price in (self._price(item, field_) for item in nodes) if price is not None)

    def _price(self, node: Any, field_: str) -> WantedPrice | None:
        dated = isinstance(node, yaml.MappingNode)
        sheet = Sheet.of(node, self.faults, PRICE) if dated else Sheet(0, self.faults, {field_: (0, node)})
        nothing: tuple[int, str] | None = None
        amount = sheet.take("amount" if dated else field_, values.money(self.currency), nothing, required=True)
        return None if amount is None else WantedPrice(*amount, self._moment(sheet, "from"))

    def _moment(self, sheet: Sheet, field_: str) -> datetime | None:
        return sheet.take(field_, values.moment(self.zone), None)

    def _end(self, sheet: Sheet, *, required: bool = False) -> datetime | None:
        return sheet.take("until", values.end(self.zone), None, required=required)

    def _coupon(self, node: Any) -> WantedCoupon | None:
        sheet = Sheet.of(node, self.faults, COUPON)
        key = sheet.take("code", values.like(values.COUPON, "NORD10"), f"?{sheet.line}", required=True)
        channel = sheet.take("channel", code, "", required=True)
        self._once(("coupon", channel, compact(key)), sheet.line, "This coupon")
        discount = sheet.take("percent", values.percent, 1, required=True)
        begins, ends = self._moment(sheet, "from"), self._end(sheet, required=True)
        uses = sheet.take("uses", values.number(1, 1_000_000_000), 1) if sheet.has("uses") else None
        each = sheet.take("uses_per_customer", values.number(1, 1_000_000_000), 1)
        return WantedCoupon(channel, key, discount, begins, ends or FAR, uses, each) if channel else None

    def _at_most(self, most: int, nodes: list[Any], what: str) -> None:
        if len(nodes) > most:
            self.faults.add(line_of(nodes[most]), "too-many", f"There are more than {most} {what} here.")
