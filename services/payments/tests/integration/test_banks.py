"""What banks send: versions of camt, amounts, marks and references as they stand in real files (PAY-6)."""

import re
from uuid import uuid4

import pytest

from .camt import NAMESPACE, PAYER, PAYER_IBAN, entry, imported, reasons, requested, statement
from .house import IBAN, House

OLD_IBAN, NEW_IBAN = "DE62701500001234567890", "DE27200400000628908600"


def in_version(content: bytes, version: str) -> bytes:
    """Return a statement as it is written in an earlier version."""
    text = content.decode().replace(NAMESPACE, NAMESPACE.replace("001.08", f"001.{version}"))
    if version in ("02", "04", "06"):
        text = re.sub("<Sts><Cd>(.*?)</Cd></Sts>", r"<Sts>\1</Sts>", text)
        text = re.sub("<Pty>(.*?)</Pty>", r"\1", text)
    return text.encode()


@pytest.mark.parametrize("version", ["02", "04", "06", "08", "11"])
async def test_every_version_is_read(house: House, version: str):
    order, reference = await requested(house)
    content = statement([entry("219.00", structured=reference), entry("1.00", text="Danke")])
    _, answer = await imported(house, in_version(content, version))
    assert (answer["matched"], reasons(answer)) == (1, ["no_reference"])
    assert len(await house.published("TransferReceived", order)) == 1
    _, listed = await house.get("/review?limit=500", **house.as_staff())
    (item,) = [one for one in listed["items"] if one["entry"] == answer["review"][0]["entry"]]
    assert item["payer"] == {"name": PAYER, "iban": PAYER_IBAN, "text": "Danke"}


async def test_a_notification_pays_and_the_statement_that_follows_does_not_pay_again(house: House):
    order, reference = await requested(house)
    content = statement([entry("219.00", structured=reference, mark="BANK-54")])
    notified = content.decode().replace("camt.053", "camt.054").replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn")
    _, answer = await imported(house, notified.replace("Stmt>", "Ntfctn>").encode())
    assert answer["matched"] == 1
    _, answer = await imported(house, content)
    assert reasons(answer) == ["booked_before"]
    assert len(await house.published("TransferReceived", order)) == 1


@pytest.mark.parametrize("amount", ["0000219.00", "219.", "219", "+219.0", "219.00000"])
async def test_an_amount_is_read_however_it_is_written(house: House, amount: str):
    _, reference = await requested(house)
    _, answer = await imported(house, statement([entry(amount, structured=reference)]))
    assert (answer["matched"], answer["review"]) == (1, [])


async def test_an_amount_below_one_euro_needs_no_zero(house: House):
    _, reference = await requested(house, prices=(50,))
    _, answer = await imported(house, statement([entry(".50", structured=reference)]))
    assert answer["matched"] == 1


@pytest.mark.parametrize("mark", ["NONREF", "NOTPROVIDED", "0000", "-"])
async def test_no_mark_and_what_stands_for_none_make_no_entries_the_same(house: House, mark: str):
    (_, one), (_, other) = await requested(house), await requested(house)
    for named in (one, other):
        _, answer = await imported(house, statement([entry("219.00", structured=named, mark=mark)]))
        assert (answer["matched"], answer["review"]) == (1, [])


async def test_a_mark_on_entries_that_differ_makes_them_no_duplicates(house: House):
    (_, one), (_, other), (_, third) = [await requested(house) for _ in range(3)]
    mark = uuid4().hex
    same_file = [entry("219.00", structured=named, mark=mark) for named in (one, other)]
    _, answer = await imported(house, statement(same_file))
    assert (answer["matched"], answer["review"]) == (2, [])
    _, answer = await imported(house, statement([entry("219.00", structured=third, mark=mark, day="2026-01-05")]))
    assert answer["matched"] == 1
    _, answer = await imported(house, statement(same_file))
    assert reasons(answer) == ["booked_before"] * 2


async def test_a_credit_that_the_bank_takes_back_is_listed_and_pays_nothing(house: House):
    order, reference = await requested(house)
    mark = uuid4().hex
    await imported(house, statement([entry("219.00", structured=reference, mark=mark)]))
    back = entry("219.00", structured=reference, indicator="DBIT", extra="<RvslInd>true</RvslInd>", mark=mark)
    _, answer = await imported(house, statement([back, entry("5.00", indicator="DBIT", text="Gebühr")]))
    assert (answer["entries"], reasons(answer)) == (1, ["credit_reversed"])
    path = f"/review/{answer['review'][0]['entry']}/allocation"
    other, _ = await requested(house)
    body = {"order": str(other.order), "units": [str(other.lines[0].units[0])]}
    status, problem = await house.post(path, body, **house.as_staff())
    assert (status, problem["type"]) == (409, "/problems/not-allocatable")
    assert await house.review(order) == ["credit_reversed"]


async def test_numbers_of_statements_begin_anew_each_year(house: House):
    this, last = (
        "<FrToDt><ToDtTm>" + day + "T23:59:59+01:00</ToDtTm></FrToDt>" for day in ("2026-01-02", "2025-01-02")
    )
    for head in (this, last):
        status, answer = await imported(house, statement([entry("1.00", text="Danke")], number="001", head=head))
        assert (status, answer["entries"]) == (200, 1)
    status, problem = await imported(house, statement([entry("2.00", text="Danke")], number="001", head=this))
    assert (status, problem["type"]) == (409, "/problems/statement-known")


@pytest.mark.parametrize("place", ["EndToEndId", "AddtlTxInf", "AddtlNtryInf", "beside a placeholder"])
async def test_a_reference_is_found_wherever_banks_put_it(house: House, place: str):
    _, reference = await requested(house)
    plain = entry("219.00")
    booked = {
        "EndToEndId": plain.replace("<TxDtls>", f"<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>"),
        "AddtlTxInf": plain.replace("</TxDtls>", f"<AddtlTxInf>SVWZ+{reference}</AddtlTxInf></TxDtls>"),
        "AddtlNtryInf": plain.replace("</Ntry>", f"<AddtlNtryInf>Gutschrift {reference}</AddtlNtryInf></Ntry>"),
        "beside a placeholder": entry("219.00", structured="NOTPROVIDED", text=reference),
    }
    _, answer = await imported(house, statement([booked[place]]))
    assert (answer["matched"], answer["review"]) == (1, [])


async def test_a_value_date_alone_is_enough(house: House):
    _, reference = await requested(house)
    booked = entry("219.00", structured=reference).replace("BookgDt>", "ValDt>")
    _, answer = await imported(house, statement([booked]))
    assert answer["matched"] == 1


async def test_a_file_may_hold_several_statements_also_of_other_accounts(house: House):
    (_, one), (_, other) = await requested(house), await requested(house)
    contents = [
        statement([entry("219.00", structured=one)]),
        statement([entry("219.00", structured=other), entry("1.00", text="Danke")]),
        statement([entry("1.00")], account=PAYER_IBAN),
        statement([entry("1.00")], currency="USD"),
    ]
    parts = [content.decode().partition("<Stmt>")[2].partition("</Stmt>")[0] for content in contents]
    whole = statement([]).decode().partition("<Stmt>")[0] + "".join(f"<Stmt>{part}</Stmt>" for part in parts)
    file = f"{whole}</BkToCstmrStmt></Document>".encode()
    status, answer = await imported(house, file)
    assert (status, len(answer["statements"]), answer["entries"], answer["matched"]) == (200, 2, 3, 2)
    assert (reasons(answer), answer["other_accounts"]) == (["no_reference"], 2)
    assert await imported(house, file) == (status, answer)


async def test_statements_of_a_former_account_are_taken(house: House):
    tenant = f"t-{uuid4().hex[:8]}"
    await house.open_tenant(tenant, OLD_IBAN)
    _, reference = await requested(house, tenant=tenant)
    await house.open_tenant(tenant, NEW_IBAN)
    for account, matched in ((OLD_IBAN, 1), (NEW_IBAN, 0)):
        content = statement([entry("219.00", structured=reference)], account=account)
        status, answer = await imported(house, content, **house.as_staff(tenant=tenant))
        assert (status, answer["matched"]) == (200, matched)
    (_, elsewhere) = await imported(house, statement([entry("1.00")], account=NEW_IBAN))
    assert elsewhere["type"] == "/problems/account-foreign"
    assert IBAN not in (OLD_IBAN, NEW_IBAN)
