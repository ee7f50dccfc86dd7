"""Bank statements in camt.053.001.08 (ISO 20022), read without entities, document types or network."""

import contextlib
import hashlib
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from lxml import etree

from payments.domain.payments import Reason
from payments.domain.statements import Credit, Payer, Statement, StatementCurrency, StatementUnreadable

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
C = f"{{{NAMESPACE}}}"
# Up to 18 digits of which 5 are decimals is what the schema allows; an amount in euro has at most two that count.
AMOUNT = re.compile(r"([0-9]{1,13})(?:\.([0-9]{1,2})0{0,3})?")
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
MOST_ENTRIES = 50_000
LONGEST_TEXT = 4_000
DOCUMENT_TYPE = b"<!DOCTYPE"
BOOKED, CREDIT = "BOOK", "CRDT"


def parse(content: bytes) -> Statement:
    """Return the statement in a file; raises StatementUnreadable, StatementCurrency. Run it off the event loop."""
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    if DOCUMENT_TYPE in content:
        raise StatementUnreadable("document-type")
    root: Any = None
    with contextlib.suppress(etree.XMLSyntaxError, ValueError):
        root = etree.fromstring(content, parser)
    # Outside: the parser's error quotes the file.
    if root is None:
        raise StatementUnreadable("not-xml")
    # Once more on what the parser made of it, for encodings in which the bytes look otherwise.
    if root.getroottree().docinfo.doctype:
        raise StatementUnreadable("document-type")
    if root.tag != f"{C}Document":
        raise StatementUnreadable("namespace")
    found = root.findall(f"{C}BkToCstmrStmt/{C}Stmt")
    if len(found) != 1:
        raise StatementUnreadable("one-statement-per-file")
    return _statement(found[0], hashlib.sha256(content).digest())


def _statement(of: Any, digest: bytes) -> Statement:
    number, account = _text(of, "Id"), (_text(of, "Acct/Id/IBAN") or "").replace(" ", "").upper()
    if not number or len(number) > 35:
        raise StatementUnreadable("statement-id")
    if not IBAN.fullmatch(account):
        raise StatementUnreadable("account")
    currency = _text(of, "Acct/Ccy")
    if currency not in (None, "EUR"):
        raise StatementCurrency
    entries = of.findall(f"{C}Ntry")
    if len(entries) > MOST_ENTRIES:
        raise StatementUnreadable("too-many-entries")
    booked: list[Credit] = []
    for entry in entries:
        booked.extend(_credits(entry, len(booked)))
    return Statement(number, account, tuple(booked), digest)


def _credits(entry: Any, position: int) -> Iterable[Credit]:
    """Return the credits of an entry: one for each payment of a booking of many, where it says which."""
    status = _text(entry, "Sts/Cd") or _text(entry, "Sts/Prtry")
    if status != BOOKED or _text(entry, "CdtDbtInd") != CREDIT:
        return []
    amount, currency = _amount(entry.find(f"{C}Amt"))
    booked_on = _date(_text(entry, "BookgDt/Dt"), _text(entry, "BookgDt/DtTm"))
    mark = _text(entry, "AcctSvcrRef")
    doubt = Reason.REVERSAL if _text(entry, "RvslInd") in ("true", "1") else None
    details = entry.findall(f"{C}NtryDtls/{C}TxDtls")
    if len(details) <= 1:
        of = details[0] if details else entry
        return [_credit(of, position, mark, amount, currency, booked_on, doubt)]
    parts = [part.find(f"{C}Amt") for part in details]
    if all(part is not None for part in parts):
        amounts = [_amount(part) for part in parts]
        if {kind for _, kind in amounts} == {currency} and sum(part for part, _ in amounts) == amount:
            return [
                _credit(of, position + at, f"{mark}/{at}" if mark else None, part, currency, booked_on, doubt)
                for at, (of, (part, _)) in enumerate(zip(details, amounts, strict=True))
            ]
    return [_credit(entry, position, mark, amount, currency, booked_on, doubt or Reason.NOT_ITEMISED)]


def _credit(
    of: Any, position: int, mark: str | None, amount: int, currency: str, booked_on: date, doubt: Reason | None
) -> Credit:
    text = " ".join(part.text.strip() for part in of.findall(f"{C}RmtInf/{C}Ustrd") if part.text)[:LONGEST_TEXT]
    iban = _text(of, "RltdPties/DbtrAcct/Id/IBAN")
    return Credit(
        position=position,
        entry_reference=mark,
        amount=amount,
        currency=currency,
        booked_on=booked_on,
        reference=(_text(of, "RmtInf/Strd/CdtrRefInf/Ref") or "")[:35] or None,
        payer=Payer(
            name=_text(of, "RltdPties/Dbtr/Pty/Nm"), iban=iban.replace(" ", "") if iban else None, text=text or None
        ),
        doubt=doubt,
    )


def _text(of: Any, path: str) -> str | None:
    found = of.find("/".join(f"{C}{step}" for step in path.split("/")))
    return found.text.strip() if found is not None and found.text and found.text.strip() else None


def _amount(of: Any) -> tuple[int, str]:
    text, currency = (of.text or "", of.get("Ccy") or "") if of is not None else ("", "")
    found = AMOUNT.fullmatch(text.strip())
    if found is None or not re.fullmatch("[A-Z]{3}", currency):
        raise StatementUnreadable("amount")
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")), currency


def _date(day: str | None, moment: str | None) -> date:
    try:
        if day is not None:
            return date.fromisoformat(day[:10])
        return datetime.fromisoformat(moment or "").date()
    except ValueError:
        pass
    raise StatementUnreadable("booking-date")
