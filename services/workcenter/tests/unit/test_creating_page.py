"""What is asked of catalog for a new product, and the page that shows its form."""

from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import html5lib
import pytest
from pages.forms import Sent
from pages.sessions import Sessions
from pages.site import Site
from pages.visit import Session, Visit
from workcenter.domain.roles import PARTS, STAFF, parts_of
from workcenter.web.creating import NewProduct, body_of

ID = "01a22930-b59c-76d6-8364-6cc83dd69b65"
CHANNELS: list[dict[str, Any]] = [
    {"channel": "direct", "kind": "direct"},
    {"channel": "nord", "kind": "partner"},
    {"channel": "sued", "kind": "partner"},
]
TYPED = {
    "line": "Tools",
    "family": "Scales",
    "version": "1",
    "edition_name": "Standard",
    "edition": "standard",
    "sku": "SCALES-1",
    "fulfilment": "download",
    "tax_class": "standard",
    "currency": "EUR",
    "rrp": "49,90",
    "once": ID,
    "channel-direct": "yes",
    "channel-nord": "45",
    "channel-sued": " ",
}
REFUSED: Sent[NewProduct] = Sent(None, TYPED | {"family": "<b>why"}, {"sku": "sku-taken", "rrp": "amount"})


def asked(**changes: str) -> tuple[dict[str, Any], dict[str, str]]:
    typed = TYPED | {name.replace("_of_", "-"): text for name, text in changes.items()}
    model = NewProduct.model_validate(typed)
    return body_of(model, Sent(model, typed), CHANNELS)


def test_each_channel_is_asked_for_its_own_price_and_an_empty_one_does_not_sell():
    body, faults = asked()
    assert faults == {}
    assert body["rrp"] == 4990
    assert body["offers"] == [{"channel": "direct"}, {"channel": "nord", "amount": 4500}]
    assert "once" not in body


def test_a_box_is_sent_with_its_days_and_a_download_without():
    body, faults = asked(fulfilment="boxed", days_least="2", days_most="4")
    assert faults == {}
    assert body["delivery_days"] == {"least": 2, "most": 4}
    assert not {"days_least", "days_most"} & body.keys()
    assert "delivery_days" not in asked()[0]


def test_names_are_sent_in_the_languages_in_which_they_are_typed():
    body, faults = asked(title_en=" Scales 1 ", line_de="Werkzeuge", line_en="Tools")
    assert faults == {}
    assert body["texts"] == {"en": {"title": "Scales 1"}}
    assert body["line_texts"] == {"de": {"title": "Werkzeuge"}, "en": {"title": "Tools"}}
    assert not {"title_en", "line_de"} & body.keys()
    assert asked()[0]["texts"] == {}


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"rrp": "much"}, {"rrp": "amount"}),
        ({"rrp": "49,901", "channel_of_nord": "-1"}, {"rrp": "amount", "channel-nord": "amount"}),
        ({"currency": "ZZZ"}, {"currency": "invalid"}),
        ({"currency": "JPY"}, {"rrp": "amount"}),
        ({"fulfilment": "boxed"}, {"days_least": "missing"}),
        ({"fulfilment": "boxed", "days_least": "2"}, {"days_most": "missing"}),
        ({"fulfilment": "boxed", "days_least": "4", "days_most": "2"}, {"days_most": "days-order"}),
    ],
)
def test_what_cannot_be_read_is_told_beside_its_field(changes: dict[str, str], faults: dict[str, str]):
    assert asked(**changes)[1] == faults


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("channels", [CHANNELS, []])
@pytest.mark.parametrize("sent", [None, REFUSED])
def test_the_form_is_valid_and_has_what_was_typed(language: str, channels: list[Any], sent: Sent[NewProduct] | None):
    visit = Visit("v" * 43, False, language, "127.0.0.1", "/", Session("kontor", "me", "Chris", tuple(STAFF), "token"))
    site = Site("workcenter", cast("Sessions", None), "http://x", ZoneInfo("Europe/Berlin"), 0, ("workcenter",))
    text = site.page(
        visit,
        "article-new.html",
        site_name="Work Center",
        has=bool,
        parts_seen=parts_of(STAFF, {part.service for part in PARTS}),
        part_here="articles",
        place="/articles/new",
        most_sorted=200,
        note="",
        channels=channels,
        currencies=["EUR", "USD"],
        sent=sent,
        once=UUID(ID),
    ).text
    assert text is not None
    parser: Any = html5lib.HTMLParser(strict=True)
    parser.parse(text)
    assert "<b>why" not in text
    assert text.count('aria-invalid="true"') == (2 if sent else 0)
