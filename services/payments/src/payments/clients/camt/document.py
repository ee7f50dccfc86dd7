"""Files as banks and their customers' programs write them, read without entities, document types, network."""

import codecs
import contextlib
import re
from typing import Any

from lxml import etree

from payments.clients.camt.archive import is_archive
from payments.clients.camt.elements import Node, compact, day, digest, path, text
from payments.clients.camt.entries import read_entries
from payments.domain.statements import CURRENCY, File, Statement, StatementUnreadable, Unread, repeated

DOCUMENT = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.(05[34])\.001\.[0-9]{2}\}Document")
MESSAGES = {"053": ("BkToCstmrStmt", "Stmt"), "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
MOST_ENTRIES = 50_000
LONGEST_NUMBER = 35
DECLARED = re.compile(rb"""<\?xml[^>]{0,80}?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
BYTEWISE = re.compile(r"utf-8|ascii|iso8859-[0-9]+|cp125[0-9]|cp437|cp850")
# Programs that write windows-1252 declare ISO-8859-1 or nothing (WHATWG Encoding takes them for one).
LATIN = ("cp1252", "iso8859-1")
# What XML 1.0 has no place for, raw or as a reference, and the `&` of a name that was not escaped.
FORBIDDEN = re.compile(
    r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|&#(?:0*(?:\d|[12]\d|3[01])|[xX]0*1?[0-9a-fA-F]);"
)
BARE = re.compile(r"&(?!(?:#[0-9]+|#x[0-9a-fA-F]+|amp|lt|gt|quot|apos);)")
DOCUMENT_TYPE = "<!DOCTYPE"


def parse(content: bytes) -> File:
    """Return the statements in a file, and which of them cannot be read; raises StatementUnreadable where none can.

    Run it off the event loop.
    """
    if is_archive(content):
        raise StatementUnreadable("zip-archive")
    root = _root(_decoded(content))
    documents = [(found, kind) for found in root.iter("{*}Document") if (kind := DOCUMENT.fullmatch(found.tag))]
    if not documents:
        raise StatementUnreadable("namespace")
    found = [(page, one, kind[1]) for document, kind in documents for page, one in _statements(document, kind[1])]
    if not found:
        raise StatementUnreadable("no-statement")
    if sum(len(one.findall(path("Ntry"))) for _, one, _ in found) > MOST_ENTRIES:
        raise StatementUnreadable("too-many-entries")
    statements: list[Statement] = []
    unread: list[Unread] = []
    for at, (page, one, kind) in enumerate(found):
        place = f"line {one.sourceline}, statement {at + 1}"
        try:
            statements.append(_statement(page, one, kind, place))
        except StatementUnreadable as error:
            if len(found) == 1:
                raise
            unread.append(Unread(place, error.rule))
    if not statements:
        raise StatementUnreadable(unread[0].rule)
    return File(tuple(statements), tuple(unread))


def _decoded(content: bytes) -> str:
    """Return the text; a mark of the byte order counts, then what the file declares, then what its bytes can be."""
    marked = next(((mark, encoding) for mark, encoding in MARKS if content.startswith(mark)), (b"", None))
    content, encoding = content.removeprefix(marked[0]), marked[1]
    if encoding is None and b"\0" in content[:2]:
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    declared = DECLARED.match(content.lstrip())
    wanted = [encoding or "utf-8"] if declared is None else [_bytewise(declared[1].decode()) or "utf-8", "utf-8"]
    for one in [name for each in wanted for name in (LATIN if each == LATIN[1] else (each,))]:
        with contextlib.suppress(UnicodeDecodeError):
            return content.decode(one)
    return content.decode(LATIN[0], "replace")


def _bytewise(name: str) -> str | None:
    """Return Python's name of an encoding in which the markup is ASCII; no other can be true of these bytes."""
    with contextlib.suppress(LookupError):
        found = codecs.lookup(name).name
        return found if BYTEWISE.fullmatch(found) else None
    return None


def _root(written: str) -> Any:
    if DOCUMENT_TYPE in written:
        raise StatementUnreadable("document-type")
    root = _tree(written)
    if root is None:
        # Names of payers pass through old programs; what spoils the file for a parser is not worth the money in it.
        root = _tree(BARE.sub("&amp;", FORBIDDEN.sub(" ", written)))
    # Outside of any handler: the parser's error quotes the file.
    if root is None:
        raise StatementUnreadable("not-xml")
    if root.getroottree().docinfo.doctype:
        raise StatementUnreadable("document-type")
    return root


def _tree(written: str) -> Any:
    parser = etree.XMLParser(
        # The text was decoded: whatever it declares is not so any more.
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    with contextlib.suppress(etree.XMLSyntaxError, ValueError):
        return etree.fromstring(written.lstrip().encode(), parser)
    return None


def _statements(document: Any, kind: str) -> list[tuple[str | None, Any]]:
    """Return the statements of a document, each with the number of the page that its message is."""
    message, statement = MESSAGES[kind]
    messages = [(_page(found), found) for found in document.findall(path(message))]
    return [(page, one) for page, found in messages for one in found.findall(path(statement))]


def _page(message: Any) -> str | None:
    header = message.find(path("GrpHdr"))
    return None if header is None else text(Node.of(header), "MsgPgntn/PgNb")


def _statement(page: str | None, of: Any, kind: str, place: str) -> Statement:
    head = Node.of(of, without=("Ntry",))
    number = text(head, "Id")
    # Some banks have no element for the IBAN and write it where other numbers of accounts stand.
    account = next(
        (one for way in ("IBAN", "Othr/Id") if IBAN.fullmatch(one := compact(text(head, f"Acct/Id/{way}")))), None
    )
    if not number or len(number) > LONGEST_NUMBER:
        raise StatementUnreadable("statement-id")
    if account is None:
        raise StatementUnreadable("account")
    balance = next((one.element.get("Ccy") for one in head.all("Bal/Amt")), None)
    closed_on = max((found for one in head.all("Bal/Dt") if (found := day(text(one, "Dt", "DtTm")))), default=None)
    until, created = day(text(head, "FrToDt/ToDtTm", "FrToDt/ToDt")), day(text(head, "CreDtTm"))
    booked, passed_over = read_entries(of, account, until or closed_on or created)
    last_booked = max((credit.booked_on for credit in booked if credit.booked_on is not None), default=None)
    return Statement(
        kind=kind,
        number=number,
        page=text(head, "StmtPgntn/PgNb", "NtfctnPgntn/PgNb") or page,
        ended_on=until or last_booked or created,
        iban=account,
        currency=text(head, "Acct/Ccy") or balance or CURRENCY,
        credits=booked,
        repeated=repeated(booked),
        passed_over=passed_over,
        digest=digest(of),
        place=place,
    )
