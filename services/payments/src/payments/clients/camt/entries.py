"""Entries of a statement, of whatever version: a status, a name or a part's amount is looked for in all its places."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from payments.clients.camt.elements import Amount, Node, amount, compact, day, path, real, text, texts
from payments.domain.payments import Reason
from payments.domain.references import Wording
from payments.domain.statements import CURRENCY, Credit, Payer

LONGEST_TEXT, LONGEST_REFERENCE, LONGEST_COUNT = 4_000, 35, 15
BOOKED, CREDIT, DEBIT = "BOOK", "CRDT", "DBIT"
# Pending, for information, of the future: what becomes of them comes again as booked.
NOT_BOOKED = frozenset({"PDNG", "INFO", "FUTR"})
# The return of a credit transfer: ISO 20022 external code set; the German banks' own code (DFÜ-Abkommen, Anlage 3).
RETURN_FAMILY, RETURN_CODE = "RRTN", "159"
# The fields into which programs cut a text that once was SWIFT's field 86.
SWIFT_FIELD = re.compile(r"\?[0-9]{2}")
PARTS = "NtryDtls/TxDtls"


@dataclass(frozen=True, slots=True)
class Booking:
    """What is the same for all parts of an entry; `fault` names the element that cannot be read."""

    entry: Node
    place: str
    mark: str | None
    whole: Amount | None
    indicator: str | None
    booked_on: date | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """A payment of an entry, or all of it (`at` is None) where it does not say which payments it is made of."""

    at: int | None
    of: Node
    amount: Amount | None
    indicator: str | None
    itemised: bool = True


def read_entries(of: Any, account: str, last_day: date | None) -> tuple[list[Credit], Mapping[str, int]]:
    """Return the credits of a statement, and how many of its entries, or parts of them, are none, by what they are.

    An entry without any date was booked at the latest on the statement's `last_day`.
    """
    found: list[Credit] = []
    passed_over: Counter[str] = Counter()
    for number, element in enumerate(of.iterfind(path("Ntry"))):
        entry = Node.of(element)
        status = text(entry, "Sts/Cd", "Sts/Prtry", "Sts")
        if status in NOT_BOOKED:
            passed_over["not_booked"] += 1
            continue
        booking = _booking(entry, number, status, last_day)
        for part in _parts(booking):
            credit = _credit(booking, part, len(found), account)
            if credit is None:
                passed_over["debits"] += 1
            else:
                found.append(credit)
    return found, dict(passed_over)


def _booking(entry: Node, number: int, status: str | None, last_day: date | None) -> Booking:
    whole, indicator = amount(entry, "Amt"), text(entry, "CdtDbtInd")
    written = [text(entry, one) for one in ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")]
    booked_on = day(*written) if any(written) else last_day
    faults = (
        ("Sts", status != BOOKED),
        ("CdtDbtInd", indicator not in (CREDIT, DEBIT)),
        ("Amt", whole is None),
        ("Amt/@Ccy", whole is not None and whole[1] != CURRENCY),
        ("BookgDt", booked_on is None),
    )
    return Booking(
        entry=entry,
        place=f"line {entry.element.sourceline}, entry {number + 1}",
        mark=real(text(entry, "AcctSvcrRef")),
        whole=whole,
        indicator=indicator,
        booked_on=booked_on,
        fault=next((name for name, faulty in faults if faulty), None),
    )


def _credit(booking: Booking, part: Part, position: int, account: str) -> Credit | None:
    """Return a part as a credit; None for a debit that takes no credit back."""
    entry, of = booking.entry, part.of
    reversed_, returned = (text(entry, "RvslInd") or "").lower() in ("true", "1"), _returned(entry, of)
    if part.indicator == DEBIT and not reversed_ and not returned:
        return None
    doubt = None
    if booking.fault is not None:
        doubt = Reason.UNREADABLE
    elif part.indicator == DEBIT:
        doubt = Reason.CREDIT_REVERSED
    elif returned or reversed_:
        doubt = Reason.RETURNED_PAYOUT if returned else Reason.REVERSAL
    elif not part.itemised:
        doubt = Reason.NOT_ITEMISED
    minor, currency = part.amount or (0, CURRENCY)
    written = tuple(_passages(entry, of, alone=part.at is None))
    return Credit(
        position=position,
        mark=booking.mark or real(text(of, "Refs/AcctSvcrRef")),
        part=part.at,
        whole=booking.whole[0] if booking.whole else 0,
        amount=minor if currency == CURRENCY else 0,
        currency=currency,
        booked_on=booking.booked_on,
        wording=Wording.of([one[:LONGEST_REFERENCE] for one in _references(of)], written),
        written=written,
        ids=tuple(one for one in texts(of, "Refs/*") if real(one)),
        payer=_payer(entry, of, account, also_payee=doubt is not None),
        place=booking.place,
        doubt=doubt,
        fault=booking.fault,
    )


def _returned(entry: Node, of: Node) -> bool:
    """Return whether the bank says that a credit transfer came back."""
    if next(of.element.iterdescendants("{*}RtrInf"), None) is not None:
        return True
    codes = [code for one in (entry, of) for code in texts(one, "BkTxCd/Domn/Fmly/SubFmlyCd", "BkTxCd/Prtry/Cd")]
    return any(code == RETURN_FAMILY or RETURN_CODE in code.split("+") for code in codes)


def _parts(booking: Booking) -> Iterator[Part]:
    """Yield the payments of an entry where it is certain which they are, else all of it as one."""
    entry, whole = booking.entry, booking.whole
    details = entry.all(PARTS)
    written = [one for one in texts(entry, "NtryDtls/Btch/NbOfTxs") if one.isdecimal()]
    announced = sum(int(one.lstrip("0")[:LONGEST_COUNT] or "0") for one in written)
    alone = details[0] if len(details) == 1 else entry
    if whole is None:
        yield Part(None, alone, None, booking.indicator)
        return
    amounts = _amounts(booking, whole, details) if announced <= len(details) else None
    if len(details) > 1 and amounts is not None:
        for at, (of, (minor, indicator)) in enumerate(zip(details, amounts, strict=True)):
            yield Part(at, of, (minor, whole[1]), indicator)
        return
    itemised = announced <= 1 if not details else amounts is not None
    yield Part(None, alone, whole, booking.indicator, itemised)


def _amounts(booking: Booking, whole: Amount, details: Sequence[Node]) -> list[tuple[int, str | None]] | None:
    """Return what each part is and its direction; None where they do not make up the whole.

    What the bank has charged for a part is taken off it; what it has charged for the entry is its own affair.
    """
    ways = ("Amt", "AmtDtls/TxAmt/Amt", *(("AmtDtls/InstdAmt/Amt",) if len(details) > 1 else ()))
    found = [amount(part, *ways, currency=whole[1]) for part in details]
    if len(details) == 1 and found == [None]:
        return [(whole[0], booking.indicator)]
    ways_of = [text(part, "CdtDbtInd") or booking.indicator for part in details]
    gross = [one[0] for one in found if one is not None]
    if len(gross) < len(details):
        return None
    charges = [_charges(part, whole[1]) for part in details]
    net = [minor - charge for minor, charge in zip(gross, charges, strict=True)]
    signs = [1 if way == booking.indicator else -1 for way in ways_of]
    for minors, off in ((gross, 0), (net, 0), (gross, _charges(booking.entry, whole[1]))):
        if sum(sign * minor for sign, minor in zip(signs, minors, strict=True)) - off == whole[0]:
            return list(zip(minors, ways_of, strict=True))
    return None


def _charges(of: Node, currency: str) -> int:
    """Return what the bank has charged for an entry or a part of it, in minor units."""
    records = [*of.all("Chrgs/Rcrd"), *(one for one in of.all("Chrgs") if not one.all("Rcrd"))]
    found = [(one, amount(one, "Amt", "TtlChrgsAndTaxAmt", currency=currency)) for one in records]
    return sum(-charge[0] if text(one, "CdtDbtInd") == CREDIT else charge[0] for one, charge in found if charge)


def _references(of: Node) -> list[str]:
    return [one for one in texts(of, "RmtInf/Strd/CdtrRefInf/Ref") if real(one)]


def _passages(entry: Node, of: Node, *, alone: bool) -> Iterator[str]:
    """Yield all texts in which a payer, or the bank for one, may have put a reference; lines of one text as one."""
    yield from texts(of, "Refs/EndToEndId", "Refs/InstrId", "Refs/Prtry/Ref")
    remittance = [
        " ".join(texts(of, "RmtInf/Ustrd")),
        *texts(of, "RmtInf/Strd/AddtlRmtInf", "RmtInf/Strd/RfrdDocInf/Nb"),
    ]
    bank = [*texts(of, "AddtlTxInf"), *(texts(entry, "AddtlNtryInf", "NtryRef") if alone else ())]
    own = [" ".join(" ".join(one.element.itertext()).split()) for one in of.all("SplmtryData")]
    for one in (*remittance, *bank, *own):
        yield SWIFT_FIELD.sub(" ", one)[:LONGEST_TEXT]


def _payer(entry: Node, of: Node, account: str, *, also_payee: bool) -> Payer:
    """Return who has paid; where money went the other way before, that is whoever is not the account's holder."""
    name, iban = _party(of, "Dbtr")
    if also_payee and (iban == account or not (name or iban)):
        name, iban = _party(of, "Cdtr")
    places = ("RmtInf/Ustrd", "NtryDtls/TxDtls/RmtInf/Ustrd"), ("RmtInf/Strd/CdtrRefInf/Ref",), ("AddtlTxInf",)
    wrote = next((" ".join(found) for place in places if (found := texts(of, *place))), text(entry, "AddtlNtryInf"))
    return Payer(name=name, iban=iban or None, text=wrote[:LONGEST_TEXT] if wrote else None)


def _party(of: Node, role: str) -> tuple[str | None, str]:
    parties = f"RltdPties/{role}"
    name = text(of, f"{parties}/Pty/Nm", f"{parties}/Nm", f"RltdPties/Ultmt{role}/Pty/Nm", f"RltdPties/Ultmt{role}/Nm")
    return name, compact(text(of, f"{parties}Acct/Id/IBAN"))
