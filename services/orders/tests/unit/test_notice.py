"""Consumers are told of their right of withdrawal in the words of the law, and a notice that does not is refused."""

import pytest
from orders.domain import statutory
from orders.domain.notice import Contact, Notice, NoticeIncomplete, faults, model, of_order

CONTACT = Contact("Kontor GmbH", "Speicherstadt 1\n20457 Hamburg", "+49 40 5550100", "service@kontor.example")
BOTH = [("de", "download"), ("de", "boxed"), ("en", "download"), ("en", "boxed")]


@pytest.mark.parametrize(("language", "fulfilment"), BOTH)
def test_a_notice_has_seller_period_consequences_and_form(language: str, fulfilment: str):
    version, text = of_order(language, {}, {fulfilment: 1}, CONTACT)
    assert version == statutory.VERSION
    words = {
        "de": (
            "Telefon +49 40 5550100, E-Mail service@kontor.example",
            "Folgen des Widerrufs",
            "Muster-Widerrufsformular",
        ),
        "en": (
            "telephone +49 40 5550100, e-mail service@kontor.example",
            "Effects of withdrawal",
            "Model withdrawal form",
        ),
    }
    for part in (*words[language], "Kontor GmbH, Speicherstadt 1, 20457 Hamburg"):
        assert part in text
    assert "{" not in text


def test_the_period_counts_from_receipt_for_goods_and_from_the_contract_for_downloads():
    download, boxed = (of_order("de", {}, {kind: 1}, CONTACT)[1] for kind in ("download", "boxed"))
    from_contract, from_receipt = "ab dem Tag des Vertragsabschlusses", "die Waren in Besitz genommen"
    assert (from_contract in download, from_receipt in download) == (True, False)
    assert (from_contract in boxed, from_receipt in boxed) == (False, True)
    assert "die letzte Ware in Besitz genommen" in of_order("de", {}, {"boxed": 2}, CONTACT)[1]
    several = of_order("de", {}, {"download": 1, "boxed": 1}, CONTACT)[1]
    assert from_contract in several
    assert from_receipt in several


@pytest.mark.parametrize(("language", "fulfilment"), BOTH)
def test_each_passage_that_is_left_out_or_changed_is_named(language: str, fulfilment: str):
    text = model(language, fulfilment).text
    assert faults(language, fulfilment, text) == []
    passages = list(statutory.MODELS[language, fulfilment])
    for place, passage in enumerate(passages):
        if passage not in statutory.OPTIONAL:
            rest = passages[:place], passages[place + 1 :]
            missing = [f"this passage is missing: {passage}"]
            assert faults(language, fulfilment, "\n\n".join([*rest[0], *rest[1]])) == missing
            assert faults(language, fulfilment, "\n\n".join([*rest[0], passage[:-9], *rest[1]])) == missing


def test_a_notice_of_ones_own_may_say_more_and_bear_the_cost_of_returning():
    text = model("de", "boxed").text
    more = text.replace("Sie tragen die unmittelbaren Kosten der", "Wir tragen die Kosten der") + "\n\nBis bald!"
    assert faults("de", "boxed", more) == []
    own = {"boxed": Notice("2026-12", more)}
    version, given = of_order("de", own, {"boxed": 1, "download": 1}, CONTACT)
    assert version == f"{statutory.VERSION} 2026-12"
    assert "Bis bald!" in given


DOWNLOAD = model("de", "download").text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (DOWNLOAD + "\n\nDie Widerrufsfrist beträgt sieben Tage.", "2 periods"),
        (DOWNLOAD.replace("{seller}", "Kontor GmbH, Hamburg"), "this passage is missing: Um Ihr"),
        (DOWNLOAD.replace("vierzehn", "sieben"), "this passage is missing: Sie haben das Recht"),
        (DOWNLOAD + " {name}", "no place of this name: {name}"),
        (DOWNLOAD + " }", "a brace stands alone"),
        (DOWNLOAD + "\x00", "control character"),
        (DOWNLOAD.replace("Sie haben das Recht", "\u202e Sie haben das Recht", 1), "control character"),
        (DOWNLOAD + "x" * 10_000, "longer than"),
        (model("de", "boxed").text, "des Vertragsabschlusses"),
        (model("en", "download").text, "this passage is missing"),
        ("", "this passage is missing"),
    ],
    ids=range(11),
)
def test_a_wrong_notice_is_refused_with_the_reason(text: str, reason: str):
    assert any(reason in fault for fault in faults("de", "download", text))


def test_nothing_that_turns_the_direction_of_text_hides_a_passage():
    for turning in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":  # Bidi_Control
        assert any("control character" in fault for fault in faults("de", "download", DOWNLOAD + turning))


@pytest.mark.parametrize(
    "contact", [None, Contact("Kontor", "Hamburg", "", "a@b.de"), Contact("Kontor", "Hamburg", "1", "")]
)
def test_a_seller_that_cannot_be_named_as_the_law_wants_sells_to_no_consumer(contact: Contact | None):
    with pytest.raises(NoticeIncomplete):
        of_order("de", {}, {"download": 1}, contact)


def test_what_stands_in_a_sellers_name_fills_no_place():
    odd = Contact("{goods} {seller}", "{form}", "1", "a@b.de")
    assert "({goods} {seller}, {form}, Telefon 1" in of_order("de", {}, {"download": 1}, odd)[1]
