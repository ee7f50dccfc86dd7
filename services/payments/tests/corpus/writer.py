"""Writes described statements as the XML of their bank."""

from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from .description import Entry, Example, File, Manner, Part, Statement, Written

SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.{}.001.{}"
OWN = "urn:example:bank:own"
MESSAGES = {
    "053": ("BkToCstmrStmt", "Stmt"),
    "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
    "052": ("BkToCstmrAcctRpt", "Rpt"),
}
ENVELOPE: Any = {None: "urn:swift:xsd:envelope"}
OLD = ("02", "04", "06")
# Names stand in a party of their own from version 07 on, a status in a code from 03 or 07 on, by the bank.
TIMES = {"time": "{}T00:00:00", "zone": "{}T09:30:00.000+01:00", "utc": "{}T23:30:00Z"}
UMLAUTS = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
FIELDS = ("?20", "?21", "?22", "?23", "?24", "?25", "?26", "?27", "?28", "?29", "?60", "?61", "?62", "?63")


class Writer:
    """Writes a file of an example."""

    def __init__(self, example: Example, manner: Manner) -> None:
        self.example, self.manner = example, manner
        self.message, self.number = manner.version.split(".")
        self.space = SPACE.format(self.message, self.number)
        self.texts: Mapping[str, Written] = example.written()

    def document(self, statements: Sequence[Statement], name: str) -> Any:
        spaces: Any = {self.manner.prefix or None: self.space}
        root = etree.Element(f"{{{self.space}}}Document", nsmap=spaces)
        outer, inner = MESSAGES[self.message]
        message = self.add(root, outer)
        header = self.add(message, "GrpHdr")
        self.add(header, "MsgId", f"{name}-m")
        self.add(header, "CreDtTm", "2026-11-21T05:00:00+01:00")
        for at, statement in enumerate(statements):
            self.statement(self.add(message, inner), statement, f"{name}-{at}")
        if not self.manner.envelope:
            return root
        envelope = etree.Element("{urn:swift:xsd:envelope}BizMsgEnvlp", nsmap=ENVELOPE)
        etree.SubElement(envelope, "{urn:iso:std:iso:20022:tech:xsd:head.001.001.02}AppHdr").text = "x"
        envelope.append(root)
        return envelope

    def add(self, of: Any, name: str, text: str | None = None, **attributes: str) -> Any:
        element = of
        for step in name.split("/"):
            element = etree.SubElement(element, f"{{{self.space}}}{step}")
        element.text = text
        for key, value in attributes.items():
            element.set(key, value)
        return element

    def maybe(self, of: Any, name: str, text: str | None, **attributes: str) -> None:
        if text is not None:
            self.add(of, name, text, **attributes)

    def own(self, of: Any, text: str) -> None:
        if self.manner.extension:
            etree.SubElement(of, f"{{{OWN}}}Extra", nsmap={"own": OWN}).text = text

    def said(self, text: str) -> str:
        """Return a text with the references that it names, in the bank's spelling."""
        said = text.format(**self.texts)
        said = said if self.manner.spelling == "own" else said.translate(UMLAUTS)
        return said.upper() if self.manner.spelling == "capitals" else said

    def statement(self, of: Any, statement: Statement, name: str) -> None:
        if statement.number != "":
            self.add(of, "Id", statement.number or name[-35:])
        if statement.page is not None:
            page = self.add(of, "StmtPgntn" if self.message == "053" else "NtfctnPgntn")
            self.add(page, "PgNb", statement.page)
            self.add(page, "LastPgInd", "false")
        self.add(of, "ElctrncSeqNb", "1")
        self.add(of, "CreDtTm", "2026-11-21T05:00:00+01:00")
        if statement.until is not None:
            period = self.add(of, "FrToDt")
            self.add(period, "FrDtTm", f"{statement.until}T00:00:00")
            self.add(period, "ToDtTm", f"{statement.until}T23:59:59")
        account = self.add(of, "Acct")
        self.add(account, f"Id/{self.manner.iban}", statement.account or self.example.account)
        self.maybe(account, "Ccy", statement.ccy)
        self.own(account, "Filiale 12")
        for code in ("OPBD", "CLBD") if self.manner.balances and self.message == "053" else ():
            balance = self.add(of, "Bal")
            self.add(balance, "Tp/CdOrPrtry/Cd", code)
            self.add(balance, "Amt", "1.00", Ccy=statement.ccy or "EUR")
            self.add(balance, "CdtDbtInd", "CRDT")
            self.add(balance, "Dt/Dt", statement.until or "2026-11-20")
        for at, entry in enumerate(statement.entries):
            self.entry(self.add(of, "Ntry"), entry, f"{name}-{at}")

    def entry(self, of: Any, entry: Entry, name: str) -> None:
        manner = self.manner
        self.own(of, name)
        self.add(of, "NtryRef", str(int.from_bytes(name.encode()[-4:])))
        self.maybe(of, "Amt", entry.amt, Ccy=entry.ccy)
        self.maybe(of, "CdtDbtInd", entry.way)
        self.maybe(of, "RvslInd", entry.reversal)
        plain = manner.status == "plain" or (manner.status is None and self.number in OLD)
        self.maybe(of, "Sts" if plain else "Sts/Cd", entry.status)
        if manner.date not in ("value", "none") and entry.day is not None:
            time = TIMES.get(manner.date)
            self.add(of, "BookgDt/DtTm" if time else "BookgDt/Dt", time.format(entry.day) if time else entry.day)
        if manner.date != "none" and (entry.value or entry.day) is not None:
            self.add(of, "ValDt/Dt", entry.value or entry.day)
        mark = entry.mark or {"own": name[-34:], "none": None}.get(manner.mark, manner.mark)
        self.maybe(of, "AcctSvcrRef", mark)
        code = self.add(of, "BkTxCd")
        if entry.code is not None and "+" not in entry.code:
            self.add(code, "Domn/Cd", "PMNT")
            family = self.add(code[0], "Fmly")
            self.add(family, "Cd", "ICDT")
            self.add(family, "SubFmlyCd", entry.code)
        else:
            self.add(code, "Prtry/Cd", entry.code or "NTRF+166+00931")
        self.charge(of, entry.entry_charge)
        parts: list[Part] = list(entry.parts) or ([] if entry.batch and entry.text is None else [entry])
        details = self.add(of, "NtryDtls")
        if entry.batch is not None:
            self.add(details, "Btch/NbOfTxs", entry.batch)
        for at, part in enumerate(parts):
            if at and entry.nested == "apart":
                details = self.add(of, "NtryDtls")
            self.payment(self.add(details, "TxDtls"), part, of_many=part is not entry)
        self.maybe(of, "AddtlNtryInf", self.bank_text(entry, parts))

    def payment(self, of: Any, part: Part, *, of_many: bool) -> None:
        refs = self.add(of, "Refs")
        self.add(refs, "EndToEndId", self.said(part.endtoend or "NOTPROVIDED"))
        how = self.manner.amounts if of_many or self.manner.amounts != "none" else "none"
        if how == "amt":
            self.maybe(of, "Amt", part.amt, Ccy=part.ccy)
            if of_many:
                self.maybe(of, "CdtDbtInd", part.way)
        if how in ("txamt", "instdamt") or part.instructed:
            amounts = self.add(of, "AmtDtls")
            if part.instructed is not None:
                sent, currency, *rate = part.instructed.split()
                self.add(amounts, "InstdAmt/Amt", sent, Ccy=currency)
                if rate:
                    self.add(amounts[0], "CcyXchg/XchgRate", rate[0])
            if how == "txamt" or (part.instructed and how != "instdamt"):
                self.maybe(amounts, "TxAmt/Amt", part.amt, Ccy=part.ccy)
            elif part.instructed is None:
                self.maybe(amounts, "InstdAmt/Amt", part.amt, Ccy=part.ccy)
        self.charge(of, part.charge)
        self.parties(self.add(of, "RltdPties"), part)
        self.remittance(of, part)
        if part.returned is not None:
            self.add(of, "RtrInf/Rsn/Cd", part.returned)
        if self.manner.text == "addtltxinf" or part.more is not None:
            self.maybe(
                of, "AddtlTxInf", self.said(part.more or f"SVWZ+{part.text}") if part.more or part.text else None
            )
        if self.manner.text == "extension" and part.text is not None:
            inner = self.add(of, "SplmtryData/Envlp")
            etree.SubElement(inner, f"{{{OWN}}}Zweck", nsmap={"own": OWN}).text = self.said(part.text)

    def parties(self, of: Any, part: Part) -> None:
        name = "Nm" if self.number in OLD else "Pty/Nm"
        iban = "DE02120300000000202051"
        for role, who in (("Dbtr", part.payer), ("UltmtDbtr", part.ultimate), ("Cdtr", part.payee)):
            if who is not None:
                self.add(of, f"{role}/{name}", self.said(who))
            if who is not None and role != "UltmtDbtr":
                self.add(of, f"{role}Acct/Id/IBAN", iban)

    def charge(self, of: Any, amount: str | None) -> None:
        if amount is not None and self.number == "02":
            self.add(self.add(of, "Chrgs"), "Amt", amount, Ccy="EUR")
        elif amount is not None:
            charges = self.add(of, "Chrgs")
            self.add(charges, "TtlChrgsAndTaxAmt", amount, Ccy="EUR")
            self.add(self.add(charges, "Rcrd"), "Amt", amount, Ccy="EUR")

    def remittance(self, of: Any, part: Part) -> None:
        text = None if part.text is None else self.said(part.text)
        info = etree.Element(f"{{{self.space}}}RmtInf")
        if text is not None and self.manner.text in ("ustrd", "swift-ustrd", "mt940"):
            whole = {"ustrd": text, "mt940": f"/TRTP/SEPA OVERBOEKING/REMI//USTD//{text}/EREF/NOTPROVIDED"}.get(
                self.manner.text, text
            )
            lines = swift(whole) if self.manner.text == "swift-ustrd" else cut(whole, self.manner.width)
            for line in lines:
                self.add(info, "Ustrd", line)
        structured = [part.strd] if isinstance(part.strd, str) else [*(part.strd or ())]
        if text is not None and self.manner.text == "strd":
            structured.append(text)
        for one in structured:
            reference = self.add(info, "Strd/CdtrRefInf")
            self.add(reference, "Tp/CdOrPrtry/Cd", "SCOR")
            self.add(reference, "Ref", self.said(one))
        if part.invoice is not None:
            self.add(info, "Strd/RfrdDocInf/Nb", self.said(part.invoice))
        if len(info):
            of.append(info)

    def bank_text(self, entry: Entry, parts: Sequence[Part]) -> str | None:
        """Return what stands in the entry's own text."""
        if entry.bank_text is not None:
            return self.said(entry.bank_text)
        written = [part for part in parts if part.text is not None]
        if self.manner.text == "swift" and written:
            who = "" if written[0].payer is None else f"?32{self.said(written[0].payer)}"
            return "166?00GUTSCHRIFT" + "".join(swift("SVWZ+" + self.said(written[0].text or ""))) + "?30COBADEFF" + who
        if self.manner.text == "addtlntryinf" and written:
            return f"Overboeking {self.said(written[0].text or '')}"
        return "SEPA-GUTSCHRIFT"


def cut(text: str, width: int) -> list[str]:
    """Return a text in lines of this width, cut wherever it comes."""
    return [text[at : at + width] for at in range(0, len(text), width)] if width else [text]


def swift(text: str) -> list[str]:
    """Return a text in the fields of a SWIFT statement."""
    return [field + line for field, line in zip(FIELDS, cut(text, 27), strict=False)]


def encoded(root: Any, manner: Manner) -> bytes:
    """Return the bytes of a document in its bank's layout and encoding."""
    written = etree.tostring(root, encoding="unicode", pretty_print=manner.layout != "line")
    encoding, mark = ("utf-8", b"\xef\xbb\xbf") if manner.encoding == "bom" else (manner.encoding, b"")
    declares = encoding if manner.declares is None else manner.declares
    head = f'<?xml version="1.0" encoding="{declares}"?>\n' if declares else ""
    whole = head + written
    if manner.layout == "crlf":
        whole = whole.replace("\n", "\r\n")
    if manner.spoilt:
        whole = whole.replace("[AMP]", "&").replace("[SUB]", "\x1a")
    return mark + whole.encode(encoding, "xmlcharrefreplace")


def write(example: Example, file: File, at: int, manner: Manner | None = None) -> bytes:
    """Return a file of an example; a manner other than its bank's may be given."""
    manner = manner or example.manner(file)
    return encoded(Writer(example, manner).document(file.statements, f"{example.case.name}-{at}"), manner)
