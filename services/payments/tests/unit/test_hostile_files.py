"""Files that are made to stop whoever reads them: they are read or refused, in little time and memory (PAY-6)."""

import io
import struct
import time
import zipfile

import pytest
from payments.clients import camt
from payments.clients.camt.archive import MOST_LISTED
from payments.domain.statements import StatementUnreadable

AMOUNT, DAY = '<Amt Ccy="EUR">1.00</Amt>', "<BookgDt><Dt>2026-11-20</Dt></BookgDt>"
ENTRY = f"<Ntry>{AMOUNT}<CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>{DAY}</Ntry>"
LONG = 200_000
NAMESPACES = " ".join(f'xmlns:a{n}="u:{n}"' for n in range(2_000))


def statement(entry: str, *, head: str = "", attributes: str = "") -> bytes:
    return f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt {attributes}>
<Id>7</Id>{head}<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>{entry}</Stmt></BkToCstmrStmt></Document>
""".encode()


def with_entry(old: str, new: str) -> bytes:
    return statement(ENTRY.replace(old, new))


STATEMENTS = {
    "a relative namespace": statement(ENTRY, attributes='xmlns:x="relative"'),
    "many namespaces": statement(f"<x {NAMESPACES}>{'<a7:y/>' * 4_000}</x>{ENTRY}"),
    "the end of days": with_entry(DAY, "<BookgDt><DtTm>9999-12-31T23:59:59Z</DtTm></BookgDt>"),
    "a code to be tried again and again": with_entry(
        DAY, f"{DAY}<BkTxCd><Prtry><Cd>{'159+' * LONG}&#10;x</Cd></Prtry></BkTxCd>"
    ),
    "a long amount": with_entry("1.00", "0" * LONG + "x"),
    "a long count": with_entry("</Ntry>", f"<NtryDtls><Btch><NbOfTxs>{'9' * 5_000}</NbOfTxs></Btch></NtryDtls></Ntry>"),
}


@pytest.mark.parametrize("what", STATEMENTS)
def test_a_hostile_statement_is_read_in_little_time(what: str):
    began = time.process_time()
    (found,) = camt.parse(STATEMENTS[what]).statements
    assert (len(found.credits), time.process_time() - began < 3) == (1, True)


def test_a_statement_of_more_attributes_than_there_are_is_refused():
    many = " ".join(f'a{n}="1"' for n in range(LONG // 10))
    with pytest.raises(StatementUnreadable, match="too-many-attributes"):
        camt.parse(with_entry("<Ntry>", f"<Ntry {many}>"))


def test_what_a_statement_says_is_the_same_however_its_xml_is_written():
    def digest(written: bytes) -> bytes:
        return camt.parse(written).statements[0].digest

    same = with_entry('<Amt Ccy="EUR">', "<Amt  Ccy = 'EUR' >").replace(
        b"<Stmt >", b"<s:Stmt xmlns:s='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'>"
    )
    same = same.replace(b"</Stmt>", b"</s:Stmt>")
    assert digest(same) == digest(statement(ENTRY))
    for other in (with_entry("1.00", "1.01"), with_entry("Ccy", "Cc"), with_entry("CdtDbtInd>", "CdtDbtInd2>")):
        assert digest(other) != digest(statement(ENTRY))


def packed(method: int, name: str = "a") -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        archive.writestr(name, bytes(20_000))
    return written.getvalue()


def listing(count: int, name: bytes = b"a") -> bytes:
    """An archive that is nothing but a list of files."""
    one = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", *[0] * 11, len(name), *[0] * 6) + name
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(one) * count, 30, 0)
    return b"PK\3\4" + bytes(26) + one * count + end


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (packed(zipfile.ZIP_BZIP2), "packing-method"),
        (packed(zipfile.ZIP_LZMA), "packing-method"),
        (packed(zipfile.ZIP_DEFLATED, "a").replace(b"PK\1\2", b"PK\1\3"), "broken-archive"),
        (listing(1, b""), "broken-archive"),
        (listing(MOST_LISTED + 1), "too-many-files"),
    ],
    ids=["bzip2", "lzma", "no list", "no name", "long list"],
)
def test_a_hostile_archive_is_refused(content: bytes, rule: str):
    with pytest.raises(StatementUnreadable, match=rule):
        camt.unpack(content)
