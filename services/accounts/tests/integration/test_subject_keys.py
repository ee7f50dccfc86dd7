"""Which service is given which private key. M23 M24"""

import base64
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from accounts.domain.purposes import KINDS
from chassis.identity.accounts import ServiceIdentity, remote_fetch
from chassis.identity.keys import ERASED, KeyRing
from chassis.identity.sealing import seal
from contracts.event import SubjectKey

from .companies import Colleague
from .conftest import PROOF, House, Person


async def all_keys(house: House) -> tuple[Person, dict[str, UUID]]:
    """A customer's keys, that of an organisation of theirs, and a records key of the seller of a new tenant."""
    tenant = await house.open_tenant()
    colleague = await Colleague.arrive(house, tenant)
    await colleague.open()
    kinds = "select kind, id from subject_keys where tenant = $1 and kind in ('records', 'organisation')"
    others = {row["kind"]: row["id"] for row in await house.home.sql(kinds, tenant)}
    return colleague.person, {**await house.keys_of(colleague.person), **others}


@pytest.mark.parametrize(("service", "purpose"), sorted(KINDS))
async def test_each_purpose_opens_its_kind_of_key_and_no_other(house: House, service: str, purpose: str):
    _, keys = await all_keys(house)
    given = await house.keys(await house.service(service), purpose, *keys.values())
    assert list(given) == [keys[KINDS[service, purpose]]]
    assert len(base64.b64decode(given[keys[KINDS[service, purpose]]]["private"])) == 32


@pytest.mark.parametrize(
    ("service", "purpose"),
    [("catalog", "bookkeeping"), ("orders", "send e-mails"), ("delivery", "archive"), ("orders", "Bookkeeping")],
)
async def test_what_the_table_does_not_name_is_denied(house: House, service: str, purpose: str):
    _, keys = await all_keys(house)
    assert await house.keys(await house.service(service), purpose, *keys.values()) == {}


async def test_a_key_of_staff_is_disclosed_to_nobody(house: House, tenant: str):
    await house.staff(tenant, "support")
    (row, *_) = await house.home.sql("select id from subject_keys where kind = 'staff'")
    for service, purpose in KINDS:
        assert await house.keys(await house.service(service), purpose, row["id"]) == {}


async def test_an_unknown_key_is_absent_and_not_erased(house: House):
    assert await house.keys(await house.service("letters"), "send e-mails", uuid4()) == {}


@pytest.mark.parametrize(
    "body",
    [
        {"purpose": "send e-mails", "keys": []},
        {"purpose": "send e-mails", "keys": ["x"]},
        {"purpose": "send e-mails", "keys": [str(UUID(int=n)) for n in range(501)]},
        {"purpose": "", "keys": [str(uuid4())]},
        {"purpose": "send e-mails", "keys": [str(uuid4())], "service": "orders"},
        {"keys": [str(uuid4())]},
    ],
)
async def test_bad_questions_for_keys_are_refused(house: House, body: dict[str, Any]):
    assert (await house.ask("POST", "/subject-keys", body, await house.service("letters")))[0] == 422


async def test_five_hundred_keys_are_answered(house: House):
    person, keys = await all_keys(house)
    others = [uuid4() for _ in range(499)]
    given = await house.keys(await house.service("letters"), "send e-mails", keys["contact"], *others)
    assert list(given) == [(await house.keys_of(person))["contact"]]


async def test_every_disclosure_is_on_record_and_those_of_records_key_by_key(house: House):  # ORD-13
    person, keys = await all_keys(house)
    other = await house.register(person.tenant)
    orders, delivery = await house.service("orders"), await house.service("delivery")
    await house.keys(orders, "bookkeeping", keys["records"], keys["profile"])
    await house.keys(delivery, "download statistics", keys["profile"], (await house.keys_of(other))["profile"])
    log = "select service, purpose, kind, key_id, key_count from key_disclosures where tenant = $1 order by id"
    rows = await house.home.sql(log, person.tenant)
    assert [tuple(row.values()) for row in rows] == [
        ("orders", "bookkeeping", "records", keys["records"], 1),
        ("delivery", "download statistics", "profile", None, 2),
    ]


async def test_the_chassis_opens_boxes_with_what_is_disclosed(house: House):
    person, keys = await all_keys(house)
    row = (await house.home.sql("select public_key from subject_keys where id = $1", keys["contact"]))[0]
    box = seal("Grüße", SubjectKey(key=keys["contact"], public=row["public_key"]), "text")
    secret = await house.service_secret("letters")
    async with aiohttp.ClientSession() as session:
        identity = ServiceIdentity(house.home.base_url, "letters", [secret], session, clock=house.home.clock)
        fetch = remote_fetch(session, house.home.base_url, identity, "send e-mails")
        assert (await KeyRing(fetch).unlock([box])).open(box) == "Grüße"
        token = (await house.sign_in(person))["access_token"]
        assert (await house.ask("POST", "/me/deletion", PROOF, token))[0] == 200
        assert (await KeyRing(fetch).unlock([box])).open(box) is ERASED
