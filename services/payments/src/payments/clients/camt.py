"""Statements and notifications of banks (ISO 20022 camt.053, camt.054), read without entities, document types, network.

The versions differ in where a status, a name or a part's amount stands; each is looked for in all its places.
"""

import contextlib
import hashlib
import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

from lxml import etree

from payments.domain.payments import Reason
from payments.domain.statements import CURRENCY, Credit, Payer, Statement, StatementUnreadable

DOCUMENT = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.(05[34])\.001\.[0-9]{2}\}Document")
STATEMENTS = {"053": "BkToCstmrStmt/Stmt", "054": "BkToCstmrDbtCdtNtfctn/Ntfctn"}
# xs:decimal, of which at most 18 digits are allowed; an amount in euro has at most two decimals that count.
AMOUNT = re.compile(r"(?=\+?\.?[0-9])\+?0*([0-9]{0,13})(?:\.([0-9]{0,2})0*)?")
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
MOST_ENTRIES = 50_000
LONGEST_TEXT, LONGEST_REFERENCE = 4_000, 35
DOCUMENT_TYPE = b"<!DOCTYPE"
BOOKED, CREDIT, DEBIT = "BOOK", "CRDT", "DBIT"
# Pending, for information, of the future: what becomes of them comes again as booked.
NOT_BOOKED = frozenset({"PDNG", "INFO", "FUTR"})
# What is written where a bank or a payer has no reference (SWIFT MT940 field 61, EPC115-06).
PLACEHOLDERS = frozenset({"NONREF", "NOTPROVIDED", "NOTAVAILABLE", "UNKNOWN", "NONE"})
Amount = tuple[int, str]


def parse(content: bytes) -> tuple[Statement, ...]:
    """Return the statements in a file; raises StatementUnreadable. Run it off the event loop."""
    root = _root(content)
    kind = DOCUMENT.fullmatch(root.tag)
    if kind is None:
        raise StatementUnreadable("namespace")
    found = root.findall(_path(STATEMENTS[kind[1]]))
    if not found:
        raise StatementUnreadable("no-statement")
    if sum(len(one.findall(_path("Ntry"))) for one in found) > MOST_ENTRIES:
        raise StatementUnreadable("too-many-entries")
    return tuple(_statement(one, kind[1]) for one in found)


def _root(content: bytes) -> Any:
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
    return root


def _statement(of: Any, kind: str) -> Statement:
    number, account = _text(of, "Id"), _compact(_text(of, "Acct/Id/IBAN"))
    if not number or len(number) > LONGEST_REFERENCE:
        raise StatementUnreadable("statement-id")
    if not IBAN.fullmatch(account):
        raise StatementUnreadable("account")
    booked: list[Credit] = []
    for entry in of.iterfind(_path("Ntry")):
        booked.extend(_credits(entry, len(booked), account))
    last_booked = max((credit.booked_on for credit in booked if credit.booked_on is not None), default=None)
    return Statement(
        kind=kind,
        number=number,
        ended_on=_day(_text(of, "FrToDt/ToDtTm")) or last_booked or _day(_text(of, "CreDtTm")),
        iban=account,
        currency=_text(of, "Acct/Ccy") or CURRENCY,
        credits=tuple(booked),
        digest=hashlib.sha256(etree.tostring(of, method="c14n", with_tail=False)).digest(),
    )


def _credits(entry: Any, position: int, account: str) -> list[Credit]:
    """Return the credits of an entry: one for each payment of a booking of many, where it says which."""
    status, indicator = _text(entry, "Sts/Cd", "Sts/Prtry", "Sts"), _text(entry, "CdtDbtInd")
    if status in NOT_BOOKED:
        return []
    whole = _amount(entry, "Amt")
    booked_on = _day(*(_text(entry, path) for path in ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")))
    readable = status == BOOKED and indicator in (CREDIT, DEBIT) and booked_on is not None
    details = entry.findall(_path("NtryDtls/TxDtls"))
    amounts = _amounts(details, whole, indicator)
    alone = details[0] if len(details) == 1 else entry
    parts = list(zip(details, amounts, strict=True)) if amounts else [(alone, whole)]
    found: list[Credit] = []
    for at, (of, amount) in enumerate(parts):
        reversed_, returned = _text(entry, "RvslInd") in ("true", "1"), of.find(".//{*}RtrInf") is not None
        if indicator == DEBIT and not reversed_ and not returned:
            continue
        doubt = None
        if not readable or amount is None or amount[1] != CURRENCY:
            doubt = Reason.UNREADABLE
        elif indicator == DEBIT:
            doubt = Reason.CREDIT_REVERSED
        elif returned or reversed_:
            doubt = Reason.RETURNED_PAYOUT if returned else Reason.REVERSAL
        elif len(details) > 1 and not amounts:
            doubt = Reason.NOT_ITEMISED
        mark = _real(_text(entry, "AcctSvcrRef")) or _real(_text(of, "Refs/AcctSvcrRef"))
        minor, currency = amount or (0, CURRENCY)
        found.append(
            Credit(
                position=position + len(found),
                mark=f"{mark}/{at}" if mark and amounts else mark,
                amount=minor if currency == CURRENCY else 0,
                currency=currency,
                booked_on=booked_on,
                references=tuple(_references(of)),
                written=" ".join(_written(entry, of, alone=not amounts))[:LONGEST_TEXT],
                ids=tuple(_texts(of, "Refs/*")),
                payer=_payer(entry, of, account, also_payee=doubt is not None),
                doubt=doubt,
            )
        )
    return found


def _amounts(details: Sequence[Any], whole: Amount | None, indicator: str | None) -> list[Amount]:
    """Return what each part of a booking of many is, where that is known of all and makes up the whole."""
    found = [_amount(part, "Amt", "AmtDtls/TxAmt/Amt") for part in details]
    amounts = [amount for amount in found if amount is not None]
    if whole is None or len(details) < 2 or len(amounts) < len(details):
        return []
    alike = {_text(part, "CdtDbtInd") for part in details} <= {None, indicator}
    same = {currency for _, currency in amounts} == {whole[1]} and sum(minor for minor, _ in amounts) == whole[0]
    return amounts if alike and same else []


def _references(of: Any) -> list[str]:
    found = [_real(text) for text in _texts(of, "RmtInf/Strd/CdtrRefInf/Ref")]
    return [text[:LONGEST_REFERENCE] for text in found if text is not None]


def _written(entry: Any, of: Any, *, alone: bool) -> list[str]:
    """Return all texts in which a payer, or the bank for one, may have put a reference."""
    texts = [
        text for path in ("Refs/EndToEndId", "RmtInf/Ustrd", "RmtInf/Strd/AddtlRmtInf") for text in _texts(of, path)
    ]
    return [*texts, *_texts(of, "AddtlTxInf"), *(_texts(entry, "AddtlNtryInf") if alone else ())]


def _payer(entry: Any, of: Any, account: str, *, also_payee: bool) -> Payer:
    """Return who has paid; where money went the other way before, that is whoever is not the account's holder."""
    name, iban = _party(of, "Dbtr")
    if also_payee and (iban == account or not (name or iban)):
        name, iban = _party(of, "Cdtr")
    text = " ".join(_texts(of, "RmtInf/Ustrd")) or _text(of, "AddtlTxInf") or _text(entry, "AddtlNtryInf")
    return Payer(name=name, iban=iban or None, text=text[:LONGEST_TEXT] if text else None)


def _party(of: Any, role: str) -> tuple[str | None, str]:
    parties = f"RltdPties/{role}"
    return _text(of, f"{parties}/Pty/Nm", f"{parties}/Nm"), _compact(_text(of, f"{parties}Acct/Id/IBAN"))


@cache
def _path(steps: str) -> str:
    """Return a path that is the same in every version's namespace."""
    return "/".join(step if step == "*" else f"{{*}}{step}" for step in steps.split("/"))


def _texts(of: Any, path: str) -> list[str]:
    return [text for found in of.iterfind(_path(path)) if (text := (found.text or "").strip())]


def _text(of: Any, *paths: str) -> str | None:
    return next((text for path in paths for text in _texts(of, path)), None)


def _compact(text: str | None) -> str:
    return "".join((text or "").split()).upper()


def _real(text: str | None) -> str | None:
    """Return a reference, None where something stands there because something has to."""
    signs = re.sub(r"[\W_]", "", text or "").upper()
    return None if not signs.strip("0") or signs in PLACEHOLDERS else text


def _amount(of: Any, *paths: str) -> Amount | None:
    element = next((found for path in paths if (found := of.find(_path(path))) is not None), None)
    if element is None:
        return None
    found, currency = AMOUNT.fullmatch((element.text or "").strip()), element.get("Ccy") or ""
    if found is None or not re.fullmatch("[A-Z]{3}", currency):
        return None
    return int(found[1] or "0") * 100 + int((found[2] or "").ljust(2, "0")), currency


def _day(*texts: str | None) -> date | None:
    """Return the first of these that begins with a day."""
    for text in texts:
        with contextlib.suppress(ValueError):
            return date.fromisoformat((text or "")[:10])
    return None
