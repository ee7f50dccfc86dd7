"""Whoever has an account or a key learns what has happened to it, when, with what, and what to do next. ORD-1 LIC-5"""

from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.identity.sealing import seal
from chassis_testing import Harness
from contracts.licensing import DeviceFreed
from contracts.security import (
    AccountEvent,
    NewDeviceSignedIn,
    RecoveryCodesRenewed,
    RecoveryCodeUsed,
    SecondFactorAdded,
    SecondFactorRemoved,
    SecondFactorsReset,
)
from contracts.storefront import ShopOpened

from .catcher import Catcher
from .sale import Sale, line

WORK = "https://work.example/"
CASES: list[tuple[type[AccountEvent], dict[str, Any], str, str]] = [
    (SecondFactorAdded, {"factor": "authenticator"}, "Eine Authenticator-App für", "An authenticator app for"),
    (SecondFactorAdded, {"factor": "passkey"}, "Ein neuer Passkey für", "A new passkey for"),
    (SecondFactorRemoved, {"factor": "authenticator"}, "Die Authenticator-App", "The authenticator app of"),
    (SecondFactorRemoved, {"factor": "passkey"}, "Ein Passkey Ihres", "A passkey of your"),
    (
        SecondFactorsReset,
        {"browser": None, "system": None},
        "Zweiter Faktor und Passkeys",
        "Second factor and passkeys",
    ),
    (RecoveryCodeUsed, {"left": 7}, "Ein Wiederherstellungscode", "A recovery code of"),
    (RecoveryCodesRenewed, {}, "Neue Wiederherstellungscodes", "New recovery codes for"),
    (
        NewDeviceSignedIn,
        {"browser": None, "earlier": []},
        "Anmeldung mit einem neuen Gerät",
        "Signed in with a new device",
    ),
]


def happened(sale: Sale, event: type[AccountEvent], **more: Any) -> AccountEvent:
    boxes = {"name": seal(sale.name, sale.contact, "name"), "email": seal(sale.email, sale.contact, "email")}
    facts = {"tenant": sale.tenant, "holder": uuid4(), "happened_at": "2026-07-02T08:10:00Z", "shop": "Kontor"}
    return event.model_validate({**event.EXAMPLE, **facts, **boxes, **more})


@pytest.fixture
async def tenant(home: Harness) -> str:
    """A tenant with one shop."""
    tenant = f"t{uuid4().hex[:8]}"
    brand = {**ShopOpened.EXAMPLE["brand"], "name": "Kontor"}
    facts = {"tenant": tenant, "shop": tenant, "hosts": ["kontor.example"], "brand": brand}
    await home.publish(ShopOpened.model_validate({**ShopOpened.EXAMPLE, **facts}))
    await home.settled()
    return tenant


@pytest.mark.parametrize("language", ["de", "en"])
async def test_each_letter_names_what_happened_when_with_what_and_the_next_step(
    home: Harness, calm: Catcher, tenant: str, language: str
):
    for event, more, german, english in CASES:
        sale = Sale(home, [line()], tenant=tenant)
        one, event_id = happened(sale, event, language=language, **more), uuid4()
        await home.publish(one, event_id=event_id)
        await home.publish(one, event_id=event_id)
        (letter,) = await calm.mails(sale.email)
        assert letter["subject"].startswith(german if language == "de" else english)
        assert "Kontor" in letter["subject"]
        text = " ".join(letter["text"].split())
        moment = {"de": "2. Juli 2026, 10:10:00 MESZ", "en": "2 July 2026, 10:10:00 CEST"}[language]
        assert moment in text
        known = one.browser is not None
        assert ("Firefox" in text) is known
        assert ("Windows" in text) is (one.system is not None)
        assert ("7" in text.partition(moment)[0]) or event is not RecoveryCodeUsed
        assert letter["text"].count("https://kontor.example/forgotten") == 1
        assert 'href="https://kontor.example/forgotten"' in letter["html"]
        assert sale.email not in letter["text"] + letter["html"]


@pytest.mark.parametrize(("language", "words"), [("de", "Administratoren"), ("en", "administrators")])
async def test_staff_is_led_to_work_and_to_administrators(
    home: Harness, calm: Catcher, tenant: str, language: str, words: str
):
    sale = Sale(home, [line()], tenant=tenant)
    await home.publish(happened(sale, NewDeviceSignedIn, language=language, staff=True, page=WORK))
    (letter,) = await calm.mails(sale.email)
    assert words in letter["text"]
    assert WORK in letter["text"]
    assert f'href="{WORK}"' in letter["html"]
    assert "forgotten" not in letter["text"] + letter["html"]


@pytest.mark.parametrize("language", ["de", "en"])
async def test_of_several_new_devices_each_is_named_and_beyond_that_how_many(
    home: Harness, calm: Catcher, tenant: str, language: str
):
    sale = Sale(home, [line()], tenant=tenant)
    earlier = [
        {"browser": "Safari", "system": None, "at": "2026-07-02T08:05:00Z"},
        {"browser": None, "system": None, "at": "2026-07-02T08:01:00Z"},
    ]
    await home.publish(happened(sale, NewDeviceSignedIn, language=language, earlier=earlier, more=7))
    (letter,) = await calm.mails(sale.email)
    assert "10" in letter["subject"]
    for text in (letter["text"], letter["html"]):
        for word in ("10:10:00", "Firefox", "10:05:00", "Safari", "10:01:00", "7."):
            assert word in text


def freed(sale: Sale, activation: UUID, by: str, device: str | None) -> DeviceFreed:
    facts = {
        **DeviceFreed.EXAMPLE,
        **sale.head,
        "activation": activation,
        "line": sale.lines[0].line,
        "by": by,
        "freed_at": "2026-07-02T08:10:00Z",
        "device": seal(device, sale.contact, "device name") if device else None,
    }
    return DeviceFreed.model_validate(facts)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("by", ["customer", "staff"])
async def test_of_a_freed_device_the_customer_learns_once_which_and_by_whom(
    home: Harness, calm: Catcher, by: str, *, late: bool
):
    sale, activation = Sale(home, [line()]), uuid4()
    event = freed(sale, activation, by, "Erikas <Notebook>")
    if late:  # the order is known after what was done with its key
        await home.publish(event, event)
        await home.settled()
        await home.publish(sale.placed())
    else:
        await home.publish(sale.placed())
        await home.settled()
        await home.publish(event, event)
    await home.settled()
    letters = [one for one in await calm.mails(sale.email) if "Gerät" in one["subject"]]
    (letter,) = letters
    wir = letter["subject"].startswith("Wir haben")
    assert wir is (by == "staff")
    text = " ".join(letter["text"].split())
    for words in ("Product VISTA-HP-ESD", "Erikas <Notebook>", "2. Juli 2026, 10:10:00 MESZ", event.order_number):
        assert words in text
    assert "Erikas &lt;Notebook&gt;" in letter["html"]


@pytest.mark.parametrize("device", [None, "Call 0900 123456789 at http://boese.example"])
async def test_a_device_name_that_leads_away_is_left_out(home: Harness, calm: Catcher, device: str | None):
    sale = Sale(home, [line()])
    await home.publish(sale.placed(), freed(sale, uuid4(), "staff", device))
    (letter,) = [one for one in await calm.mails(sale.email) if "Gerät" in one["subject"]]
    assert "einem Gerät ohne Namen" in " ".join(letter["text"].split())
    assert "boese" not in letter["text"] + letter["html"]
