"""Paying by bank transfer: instructions and statements (PAY-5 PAY-6)."""

import asyncio
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chassis.identity.acting import operator
from chassis.service import CommandLine
from payments.__main__ import service
from payments.usecases import sealing
from stdnum import iso11649
from typer.testing import CliRunner

from .camt import PAYER, PAYER_IBAN, archive, entry, imported, reasons, requested, statement
from .epc import qr_of, qr_of_transfer
from .house import IBAN, House, units


async def test_a_transfer_is_asked_for_at_once_with_all_the_bank_needs(house: House):  # PAY-5
    order = await house.placed(method="transfer", prices=(21900, 13900))
    (event,) = await house.published("TransferRequested", order)
    assert (event.iban, event.bic, event.payee) == (IBAN, "COBADEFFXXX", "Kontor Software GmbH")
    assert (event.amount, event.currency, event.due_at) == (35800, "EUR", order.pay_until)
    assert iso11649.is_valid(event.reference)
    status, view = await house.get(f"/orders/{order.order}/transfer", **house.as_customer(order))
    assert status == 200
    assert (view["reference"], view["iban"], view["amount"], view["state"]) == (event.reference, IBAN, 35800, "open")


async def test_the_qr_code_holds_iban_amount_and_reference(house: House):  # PAY-5
    order, reference = await requested(house, prices=(4999,))
    _, view = await house.get(f"/orders/{order.order}/transfer", **house.as_customer(order))
    assert qr_of(view) == qr_of_transfer(reference, "49.99")


async def test_instructions_wait_for_the_sellers_account(house: House):
    tenant = f"t-{uuid4().hex[:8]}"
    order = await house.placed(method="transfer", tenant=tenant)
    status, _ = await house.get(f"/orders/{order.order}/transfer", **house.as_customer(order))
    assert status == 202
    assert house.so_far("TransferRequested", order) == []
    await house.open_tenant(tenant, "DE02100500000054540402")
    (event,) = await house.published("TransferRequested", order)
    assert event.iban == "DE02100500000054540402"


async def test_F_P28_instructions_are_only_for_their_customer_and_staff(house: House):
    order, _ = await requested(house)
    path = f"/orders/{order.order}/transfer"
    assert (await house.get(path, **house.as_customer(house.order())))[0] == 404
    assert (await house.get(path, **house.as_staff(tenant="elsewhere")))[0] == 202
    assert (await house.get(path, **house.as_staff("support")))[0] == 200
    assert (await house.get(path))[0] == 401
    card = await house.placed()
    status, problem = await house.get(f"/orders/{card.order}/transfer", **house.as_customer(card))
    assert (status, problem["type"]) == (409, "/problems/not-by-transfer")


async def test_the_exact_amount_pays_all_units(house: House):
    order, reference = await requested(house, prices=(21900, 4999), quantity=2)
    status, answer = await imported(house, statement([entry("537.98", structured=reference)]))
    assert (status, answer["entries"], answer["matched"], answer["review"]) == (200, 1, 1, [])
    (received,) = await house.published("TransferReceived", order)
    assert (received.units, received.amount, received.currency) == (units(order), 53798, "EUR")
    _, view = await house.get(f"/orders/{order.order}/transfer", **house.as_customer(order))
    assert view["state"] == "paid"


async def test_a_reference_is_found_in_what_the_payer_wrote(house: House):
    order, reference = await requested(house)
    spaced = f"Rechnung {iso11649.format(reference).lower()}danke"
    _, answer = await imported(house, statement([entry("219", text=spaced)]))
    assert (answer["matched"], answer["review"]) == (1, [])
    assert len(await house.published("TransferReceived", order)) == 1


async def test_F_P30_a_card_number_that_a_payer_writes_is_not_kept_and_the_rest_is(house: House):
    order, reference = await requested(house)
    wrote = f"Karte 4111 1111 1111 1111, {iso11649.format(reference)} danke"
    short = entry("1.00", text=wrote).replace(PAYER, "4111111111111111")
    _, answer = await imported(house, statement([short, entry("219", text=f"4111111111111111 {reference}")]))
    assert answer["matched"] == 1
    assert len(await house.published("TransferReceived", order)) == 1
    (doubtful,) = answer["review"]
    _, listed = await house.get("/review?limit=500", **house.as_staff())
    (payer,) = [item["payer"] for item in listed["items"] if item["entry"] == doubtful["entry"]]
    assert payer == {"name": "***", "iban": PAYER_IBAN, "text": f"Karte ***, {iso11649.format(reference)} danke"}


async def test_what_is_not_exact_releases_nothing(house: House):
    under, under_reference = await requested(house)
    over, over_reference = await requested(house)
    twice, twice_reference = await requested(house)
    lapsed, lapsed_reference = await requested(house)
    await house.harness.publish(house.cancelled(lapsed))
    await house.harness.settled()
    _, answer = await imported(
        house,
        statement(
            [
                entry("218.99", structured=under_reference),
                entry("219.01", structured=over_reference),
                entry("219.00", structured=twice_reference),
                entry("219.00", structured=twice_reference),
                entry("219.00", structured=lapsed_reference),
                entry("219.00", structured="RF18539007547034"),
                entry("219.00", structured="no reference"),
                entry("219.00", text="Danke"),
                entry("219.00", structured=under_reference, indicator="DBIT"),
                entry("219.00", structured=under_reference, status="PDNG"),
                entry("219.00", structured=under_reference, extra="<RvslInd>true</RvslInd>"),
            ]
        ),
    )
    assert (answer["entries"], answer["matched"]) == (9, 1)
    assert reasons(answer) == [
        "underpaid",
        "overpaid",
        "paid_twice",
        "order_cancelled",
        "unknown_reference",
        "unknown_reference",
        "no_reference",
        "reversal",
    ]
    assert len(await house.published("TransferReceived", twice)) == 1
    await house.harness.settled()
    for order in (under, over, lapsed):
        assert house.so_far("TransferReceived", order) == []


async def test_a_statement_is_booked_once(house: House):
    order, reference = await requested(house)
    content = statement([entry("219.00", structured=reference, mark="BANK-1")], number="2026-11")
    first, again = await imported(house, content), await imported(house, content)
    assert (first[0], first) == (200, again)
    status, problem = await imported(house, statement([entry("1.00")], number="2026-11"))
    assert (status, problem["type"]) == (409, "/problems/statement-known")
    _, answer = await imported(house, statement([entry("219.00", structured=reference, mark="BANK-1")]))
    assert (answer["matched"], reasons(answer)) == (0, ["booked_before"])
    await house.harness.settled()
    assert len(house.so_far("TransferReceived", order)) == 1


async def test_statements_that_overlap_see_each_other_also_at_once(house: House):
    mark = uuid4().hex
    contents = [statement([entry("7.00", text="Danke", mark=mark)]) for _ in range(6)]
    answers = await asyncio.gather(*(imported(house, content) for content in contents))
    assert [status for status, _ in answers] == [200] * 6
    assert sorted(reasons(answer)[0] for _, answer in answers) == ["booked_before"] * 5 + ["no_reference"]


async def test_nothing_stands_open_while_payers_are_sealed(house: House, monkeypatch: pytest.MonkeyPatch):
    stuck: list[int] = []

    async def slow(*given: Any) -> list[str | None]:
        await asyncio.sleep(0.6)
        stuck.extend(await house.stuck())
        return await seal_payers(*given)

    seal_payers = sealing.seal_payers
    monkeypatch.setattr(sealing, "seal_payers", slow)
    assert (await imported(house, statement([entry("7.00", text="Danke")])))[0] == 200
    assert stuck == []


async def test_a_booking_of_many_payments_is_taken_apart(house: House):
    one, one_reference = await requested(house, prices=(1000,))
    two, two_reference = await requested(house, prices=(2000,))
    parts = "".join(
        f'<TxDtls><Amt Ccy="EUR">{amount}</Amt><RmtInf><Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd>'
        "</RmtInf></TxDtls>"
        for amount, reference in (("10.00", one_reference), ("20.00", two_reference))
    )
    whole = re.sub(r"<NtryDtls>.*</NtryDtls>", f"<NtryDtls>{parts}</NtryDtls>", entry("30.00"), flags=re.DOTALL)
    _, answer = await imported(house, statement([whole]))
    assert (answer["entries"], answer["matched"]) == (2, 2)
    for order in (one, two):
        assert len(await house.published("TransferReceived", order)) == 1
    _, answer = await imported(house, statement([whole.replace('"EUR">30.00', '"EUR">30.01')]))
    assert reasons(answer) == ["not_itemised"]


async def test_who_has_paid_is_sealed_and_only_bookkeeping_reads_it(house: House):  # M23
    tenant = f"t-{uuid4().hex[:8]}"
    await house.open_tenant(tenant, "DE02500105170137075030")
    content = statement([entry("7.00", text="von Max")], account="DE02500105170137075030")
    _, answer = await imported(house, content, **house.as_staff(tenant=tenant))
    (row,) = await house.harness.sql("select payer from receipts where tenant = $1", tenant)
    for secret in (PAYER, PAYER_IBAN, "von Max"):
        assert secret not in row["payer"]
    status, listed = await house.get("/review", **house.as_staff(tenant=tenant))
    (seen,) = listed["items"]
    assert (status, seen["entry"]) == (200, answer["review"][0]["entry"])
    assert seen["payer"] == {"name": PAYER, "iban": PAYER_IBAN, "text": "von Max"}
    sought = "select actor, object_id from chassis.audit where tenant = $1 and purpose = 'bookkeeping'"
    assert [tuple(one.values()) for one in await house.harness.sql(sought, tenant)] == [("staff-1", seen["entry"])]
    assert (await house.get("/review", **house.as_staff("support", tenant)))[0] == 403
    house.harness.accounts.erased.add(house.records[tenant].records.key)
    house.harness.accounts.away = True
    assert (await house.get("/payouts", **house.as_staff(tenant=tenant)))[0] == 200
    house.harness.accounts.away = False


async def test_the_command_does_what_the_route_does(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    order, reference = await requested(house)
    file = tmp_path / "statement.xml"
    file.write_bytes(statement([entry("219.00", structured=reference)]))
    for name, value in house.harness.settings.model_dump(exclude_none=True).items():
        monkeypatch.setenv(name.upper(), str(value))

    async def run(*words: str) -> tuple[int, str, str]:
        done = await asyncio.to_thread(CliRunner().invoke, CommandLine(service).app(), words, catch_exceptions=False)
        return done.exit_code, done.stdout, done.stderr

    code, out, errors = await run("statement", "import", str(file), "--tenant", order.tenant)
    assert (code, '"matched": 1' in out) == (0, True), errors
    rows = "select actor, permission, kind, tenant from chassis.audit where operation = 'statement import'"
    assert [tuple(row.values()) for row in await house.harness.sql(rows)] == [
        (operator(), "operator", "statement", order.tenant)
    ]
    code, out, errors = await run("audit", "verify")
    assert (code, "is as it was written" in out) == (0, True), errors
    assert len(await house.published("TransferReceived", order)) == 1
    status, again = await imported(house, file.read_bytes())
    assert (status, again["matched"]) == (200, 1)
    code, _, errors = await run("statement", "import", str(file), "--tenant", "nobody")
    assert (code, "payments knows no tenant 'nobody'; nothing was done." in errors) == (1, True)
    await house.open_tenant("neighbour", "DE02120300000000202051")
    code, _, errors = await run("statement", "import", str(file), "--tenant", "neighbour")
    assert (code, "not of an account of this tenant" in errors, "()" in errors) == (1, True, False)
    file.write_bytes(archive(day=file.read_bytes(), text=b"nothing"))
    code, out, errors = await run("statement", "import", str(file), "--tenant", order.tenant)
    assert (code, '"name": "day"' in out, "'text'" in errors, "not-xml" in errors) == (1, True, True, True)
    file.write_bytes(b"nothing")
    code, _, errors = await run("statement", "import", str(file), "--tenant", order.tenant)
    assert (code, "camt.053" in errors) == (1, True)


async def test_an_order_whose_number_lacks_some_of_its_zeros_is_proposed_and_not_paid(house: House):
    order, _ = await requested(house)
    word, year, count = order.order_number.split("-")
    texts = (f"Bestellung {word}-{year}-{count[1:]}", "Danke")
    _, answer = await imported(house, statement([entry("219.00", text=text) for text in texts]))
    assert reasons(answer) == ["no_reference"] * 2
    _, listed = await house.get("/review?limit=500", **house.as_staff())
    entries = [one["entry"] for one in answer["review"]]
    found = {one["entry"]: (one["order"], one["proposed"]) for one in listed["items"]}
    assert [found[one] for one in entries] == [(None, [str(order.order)]), (None, [])]
    await house.harness.settled()
    assert house.so_far("TransferReceived", order) == []
