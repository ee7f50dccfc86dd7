"""Statements that are none, or not this tenant's, or very large (PAY-6)."""

from uuid import uuid4

import pytest

from .camt import entry, imported, reasons, requested, statement
from .house import House, units

LEVELS = "".join(f'<!ENTITY x{n + 1} "{f"&x{n};" * 9}">' for n in range(9))
BOMB = f'<!DOCTYPE Document [<!ENTITY x0 "ha">{LEVELS}]>'
OUTSIDE = '<!DOCTYPE Document [<!ENTITY f SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "not-xml"),
        (b"date;amount\n2026-11-22;219,00", "not-xml"),
        (b"\x00\x01\x02", "not-xml"),
        (statement([], prologue=BOMB).replace(b"<MsgId>m", b"<MsgId>&x8;"), "document-type"),
        (statement([], prologue=OUTSIDE).replace(b"<MsgId>m", b"<MsgId>&f;"), "document-type"),
        (statement([], prologue='<!DOCTYPE Document SYSTEM "http://127.0.0.1:1/x.dtd">'), "document-type"),
        (statement([], namespace="urn:iso:std:iso:20022:tech:xsd:camt.052.001.08"), "namespace"),
        (statement([], prologue=OUTSIDE).decode().replace("UTF-8", "UTF-16").encode("utf-16"), "document-type"),
        (b"<Document/>", "namespace"),
        (statement([], account="DE00"), "account"),
        (statement([], number="x" * 36), "statement-id"),
        (statement([]).replace(b"Stmt>", b"Ntfctn>"), "no-statement"),
        (statement([]).replace(b"<Stmt>", b"<Stmt/><Stmt/><Stmt>").replace(b"<Id><IBAN>", b"<Id><X>"), "not-xml"),
        (statement([], number="x" * 36).replace(b"<Stmt>", b"<Stmt/><Stmt>"), "statement-id"),
    ],
)
async def test_what_is_no_statement_is_refused_with_the_rule_it_breaks(house: House, content: bytes, rule: str):
    status, problem = await imported(house, content)
    assert (status, problem["type"], problem["rule"]) == (422, "/problems/statement-unreadable", rule)
    assert "root:" not in str(problem)


async def test_a_statement_that_cannot_be_read_is_named_and_the_others_of_its_file_are_booked(house: House):
    _, reference = await requested(house)
    content = statement([entry("219.00", structured=reference)]).replace(b"<Stmt>", b"<Stmt/><Stmt>")
    status, answer = await imported(house, content)
    assert (status, answer["matched"]) == (200, 1)
    assert answer["unread"] == [{"place": "line 2, statement 1", "rule": "statement-id"}]


@pytest.mark.parametrize("bad", ["-1.00", "1e3", "1.005", "", ".", "12345678901234.00"])
async def test_an_entry_that_cannot_be_read_waits_alone(house: House, bad: str):
    order, reference = await requested(house)
    entries = [entry(bad, structured=reference), entry("219.00", structured=reference)]
    status, answer = await imported(house, statement(entries))
    assert (status, answer["entries"], answer["matched"], reasons(answer)) == (200, 2, 1, ["unreadable"])
    assert (answer["review"][0]["place"], answer["review"][0]["fault"]) == ("line 4, entry 1", "Amt")
    body = {"order": str(order.order), "units": [str(units(order)[0])]}
    path = f"/review/{answer['review'][0]['entry']}/allocation"
    assert (await house.post(path, body, **house.as_staff()))[0] == 409


async def test_an_entry_without_a_day_in_another_currency_or_of_no_known_state_waits_alone(house: House):
    _, reference = await requested(house)
    entries = [
        entry("219.00", structured=reference, day="2026-13-01"),
        entry("219.00", structured=reference, day="1999-01-04"),
        entry("219.00", structured=reference, currency="CHF"),
        entry("219.00", structured=reference, status="NEW"),
        entry("219.00", structured=reference, indicator="?"),
        entry("219.00", structured=reference),
    ]
    status, answer = await imported(house, statement(entries))
    assert (status, answer["entries"], answer["matched"]) == (200, 6, 1)
    assert reasons(answer) == ["unreadable"] * 5


async def test_money_of_a_year_without_a_records_key_waits_alone(house: House):
    old, old_reference = await requested(house)
    order, reference = await requested(house)
    entries = [
        entry("219.00", structured=old_reference, day="2001-01-04"),
        entry("219.00", structured=reference),
    ]
    status, answer = await imported(house, statement(entries))
    assert (status, answer["matched"], reasons(answer)) == (200, 1, ["records_key_missing"])
    (waiting,) = answer["review"]
    _, listed = await house.get("/review?limit=500", **house.as_staff())
    (item,) = [one for one in listed["items"] if one["entry"] == waiting["entry"]]
    assert (item["order"], item["amount"], item["payer"]) == (str(old.order), 21900, None)
    body = {"order": str(old.order), "units": [str(units(old)[0])]}
    assert (await house.post(f"/review/{waiting['entry']}/allocation", body, **house.as_staff()))[0] == 200
    assert len(await house.published("TransferReceived", order)) == 1


async def test_statements_of_others_are_refused_and_leave_nothing(house: House):
    before = await house.harness.sql("select count(*) from receipts")
    for content, kind in (
        (statement([entry("1.00")], currency="USD"), "statement-currency"),
        (statement([entry("1.00")], account="DE02120300000000202051"), "account-foreign"),
    ):
        status, problem = await imported(house, content)
        assert (status, problem["type"]) == (422, f"/problems/{kind}")
    content = statement([entry("1.00")])
    assert (await imported(house, content, Authorization="Bearer x"))[0] == 401
    assert (await imported(house, content, **house.as_staff("sales")))[0] == 403
    assert (await imported(house, content, **house.as_staff(tenant="elsewhere")))[0] == 422
    assert (await imported(house, content, **{"Content-Type": "application/json"}))[0] == 415
    assert await house.harness.sql("select count(*) from receipts") == before


async def test_a_statement_of_five_megabytes_is_read_and_one_of_seventeen_refused(house: House):
    tenant, account = f"t-{uuid4().hex[:8]}", "DE75512108001245126199"
    await house.open_tenant(tenant, account)
    staff = house.as_staff(tenant=tenant)
    order = await house.placed(method="transfer", tenant=tenant)
    reference = (await house.published("TransferRequested", order))[0].reference
    entries = [entry("1.00", text=f"Danke {n} " + "sehr " * 450) for n in range(2_000)]
    content = statement([*entries, entry("219.00", structured=reference)], account=account)
    assert len(content) > 5_000_000
    status, answer = await imported(house, content, **staff)
    assert (status, answer["entries"], answer["matched"], len(answer["review"])) == (200, 2_001, 1, 2_000)
    assert len(await house.published("TransferReceived", order)) == 1
    assert (await imported(house, b"<" + b"x" * (16 * 2**20)))[0] == 413
    status, page = await house.get("/review?limit=2", **staff)
    _, following = await house.get(f"/review?limit=2&cursor={page['next']}", **staff)
    assert (status, len(page["items"])) == (200, 2)
    assert not {one["entry"] for one in page["items"]} & {one["entry"] for one in following["items"]}
    assert (await house.get("/review?cursor=x", **staff))[0] == 400
