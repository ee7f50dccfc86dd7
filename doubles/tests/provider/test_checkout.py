"""A payment as customers and the shop see it."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
import stripe

from .house import GOOD, House, Start, everything_in, quiet, until


async def test_a_session_holds_what_was_asked_for(house: House):
    session = await house.open(customer_email="b@example.org")
    assert (session.amount_total, session.currency, session.status) == (2500, "eur", "open")
    assert session.payment_status == "unpaid"
    assert session.payment_intent is None
    assert session.metadata.to_dict() == {"7": "seven"}
    assert session.url == f"{house.url}/pay/{session.id}"


async def test_the_page_is_in_the_language_of_the_session_or_else_of_the_browser(house: House):
    for locale, accepted, title in (
        ("de", "en-GB", "Kartennummer"),
        ("en", "de-DE", "Card number"),
        (None, "fr-FR, de;q=0.8", "Kartennummer"),
        ("auto", "en-GB,de;q=0.5", "Card number"),
        ("fr", "", "Card number"),
    ):
        opened = await house.open(**({"locale": locale} if locale else {}))
        page = (await house.http.get(opened.url, headers={"Accept-Language": accepted})).text
        language = "de" if title == "Kartennummer" else "en"
        assert f'<html lang="{language}">' in page
        assert title in page
        assert ("25,00 €" if language == "de" else "€25.00") in page
    opened = await house.open(locale="de")
    form = {"method": "card", "number": "4000000000000002", "expiry": "12/40", "cvc": "123"}
    assert "Die Karte wurde abgelehnt." in (await house.http.post(opened.url, data=form)).text


async def test_the_page_shows_amount_and_lines_escaped(house: House):
    page = (await house.http.get((await house.open()).url)).text
    assert "€25.00" in page
    assert "Ledger &lt;Pro&gt; × 2" in page
    assert "<Pro>" not in page


async def test_a_good_card_pays_and_redirects_to_the_shop(house: House):
    session = await house.open()
    answer = await house.pay(session)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"https://shop.example/thanks?session={session.id}"
    paid = await house.stripe.v1.checkout.sessions.retrieve_async(session.id, params={"expand": ["line_items"]})
    assert (paid.status, paid.payment_status) == ("complete", "paid")
    assert paid.line_items is not None
    assert paid.line_items.data[0].quantity == 2
    intent = await house.stripe.v1.payment_intents.retrieve_async(
        str(paid.payment_intent), params={"expand": ["latest_charge"]}
    )
    assert intent.status == "succeeded"
    assert intent.metadata.to_dict() == {"order": "o-1"}
    charge: Any = intent.latest_charge
    assert charge.payment_method_details.card.last4 == "4242"
    assert (charge.amount_captured, charge.paid) == (2500, True)


async def test_a_payment_is_reported_by_signed_events(house: House):
    session = await house.paid()
    wanted = {"payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"}
    await until(lambda: wanted <= set(house.shop.types()))
    done = next(event for event in house.shop.events if event["type"] == "checkout.session.completed")
    assert done.id.startswith("evt_")
    assert done.api_version == stripe.api_version
    assert done.data.object["id"] == session.id
    assert done.data.object["payment_status"] == "paid"
    assert house.shop.refused == 0


@pytest.mark.parametrize(
    ("number", "code", "decline"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000000069", "expired_card", None),
        ("4111111111111111", "card_declined", "test_mode_live_card"),
    ],
)
async def test_a_declined_card_leaves_the_session_open(house: House, number: str, code: str, decline: str | None):
    session = await house.open()
    answer = await house.pay(session, number)
    assert answer.status_code == 402
    assert 'role="alert"' in answer.text
    assert number not in answer.text
    again = await house.stripe.v1.checkout.sessions.retrieve_async(session.id)
    assert (again.status, again.payment_status) == ("open", "unpaid")
    await until(lambda: "payment_intent.payment_failed" in house.shop.types())
    failed = next(event for event in house.shop.events if event["type"] == "payment_intent.payment_failed")
    problem = failed.data.object["last_payment_error"].to_dict()
    assert (problem["code"], problem.get("decline_code")) == (code, decline)
    assert (await house.pay(session)).status_code == 303


@pytest.mark.parametrize(
    "fields",
    [{"number": "4242424242424241"}, {"expiry": "01/20"}, {"expiry": "13/40"}, {"cvc": "12"}, {"number": "٤٢٤٢"}],
)
async def test_a_mistyped_card_is_asked_for_again_without_an_attempt(house: House, fields: dict[str, str]):
    session = await house.open()
    number = fields.pop("number", GOOD)
    assert (await house.pay(session, number, **fields)).status_code == 402
    assert (await house.stripe.v1.checkout.sessions.retrieve_async(session.id)).payment_intent is None


async def test_a_form_sent_twice_charges_once(house: House):
    session = await house.open()
    answers = await asyncio.gather(*(house.pay(session) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [303] * 4
    assert len((await house.stripe.v1.charges.list_async()).data) == 1


async def test_a_debit_form_sent_again_later_charges_once(house: House):
    session = await house.open()
    for _ in range(2):
        answer = await house.pay(session, method="sepa_debit", iban="DE89370400440532013000")
        assert answer.status_code == 303
    assert len((await house.stripe.v1.charges.list_async()).data) == 1


async def test_the_card_number_is_kept_nowhere(start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    house = await start(tmp_path / "state")
    session = await house.paid()
    await quiet(house.shop)
    kept = everything_in(tmp_path)
    assert session.id.encode() in kept
    assert b"4242" in kept
    assert GOOD.encode() not in kept + b"".join(body for body, _ in house.shop.raw)
    assert GOOD not in caplog.text


@pytest.mark.parametrize(
    ("iban", "event", "status", "intent"),
    [
        ("DE89 3704 0044 0532 0130 00", "async_payment_succeeded", "paid", "succeeded"),
        ("DE62370400440532013001", "async_payment_failed", "unpaid", "requires_payment_method"),
    ],
)
async def test_a_debit_ends_later(house: House, iban: str, event: str, status: str, intent: str):
    await house.control("switches", settle_after=None)
    session = await house.open()
    assert (await house.pay(session, method="sepa_debit", iban=iban)).status_code == 303
    await until(lambda: "checkout.session.completed" in house.shop.types())
    done = next(found for found in house.shop.events if found["type"] == "checkout.session.completed")
    assert done.data.object["payment_status"] == "unpaid"
    await asyncio.sleep(0.6)
    assert f"checkout.session.{event}" not in house.shop.types()
    await house.control("switches", settle_after=0)
    await until(lambda: f"checkout.session.{event}" in house.shop.types())
    ended = await house.stripe.v1.checkout.sessions.retrieve_async(session.id, params={"expand": ["payment_intent"]})
    ended_intent: Any = ended.payment_intent
    assert (ended.payment_status, ended_intent.status) == (status, intent)


async def test_an_expired_session_cannot_be_paid(house: House):
    session = await house.open()
    assert (await house.stripe.v1.checkout.sessions.expire_async(session.id)).status == "expired"
    assert (await house.pay(session)).status_code == 410
    await until(lambda: "checkout.session.expired" in house.shop.types())
    with pytest.raises(stripe.InvalidRequestError, match="status of `expired`"):
        await house.stripe.v1.checkout.sessions.expire_async(session.id)
