"""Builds the messages of the corpus from their descriptions."""

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from mail_relay.domain.rewriting import Way

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
ME = "max.mustermann@firma-beispiel.example"
SECOND = "mmuster84@post-beispiel.example"
NAME = "Max Mustermann"
THEM = "k-4f7q2m9x1c@relay.example"
ALIAS = "v-8d3k5t0b6z@relay.example"
SHOP = "Musterladen"
RECEIVER = "erika@kunde-beispiel.example"
COLLEAGUE = "anna.schmidt@firma-beispiel.example"
COLLEAGUE_ALIAS = "v-1a2b3c4d5e@relay.example"
HOST = "pc-max.intern-beispiel.example"
ID = "<20261103.4711@pc-max.intern-beispiel.example>"
NEW_ID = "<m-77@relay.example>"
OWN = "Größe 7 passt gut & die Lieferung kam am Freitag an."
SECRETS = (ME, SECOND, COLLEAGUE, HOST, "max.mustermann", "mmuster84", "4711@pc-max", "firma-beispiel.example")
WAY = Way(
    hidden=(ME, SECOND),
    alias=ALIAS,
    name=SHOP,
    written_to=THEM,
    receiver=RECEIVER,
    message_id=NEW_ID,
    accepted_at=datetime(2026, 11, 29, 8, tzinfo=UTC),
    hidden_names=(NAME,),
    aliases={COLLEAGUE: COLLEAGUE_ALIAS},
    known_ids={"<k-1@relay.example>": "<k-1@kunde-beispiel.example>", ID: "<m-1@relay.example>"},
)
WORDS = {"own": OWN, "me": ME, "name": NAME, "them": THEM, "id": ID, "host": HOST, "second": SECOND, "mate": COLLEAGUE}


def filled(text: str) -> str:
    """Return a description's text with the words of this corpus; other braces stay."""
    for word, value in WORDS.items():
        text = text.replace("{" + word + "}", value)
    return text


HEADER = filled(
    "Return-Path: <{me}>\nReceived: from {host} by mx.example for <{them}>; Tue, 3 Nov 2026 10:03:00 +0100\n"
    "DKIM-Signature: v=1; d=firma-beispiel.example; i={me}; b=abc\nFrom: {name} <{me}>\nTo: {them}\n"
    "Subject: Re: Bestellung 17\nDate: Tue, 03 Nov 2026 10:03:00 +0100\nMessage-ID: {id}\nMIME-Version: 1.0\n"
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A message of the corpus: what must be left in what people read, and what must not be anywhere."""

    name: str
    raw: bytes
    left: tuple[str, ...] = (OWN,)
    gone: tuple[str, ...] = ()
    refused: str = ""
    own: tuple[str, ...] = ()


def encoded(text: str, encoding: str, charset: str = "utf-8") -> bytes:
    """Return a text in a transfer encoding."""
    octets = text.replace("\n", "\r\n").encode(charset, "xmlcharrefreplace")
    if encoding == "base64":
        return base64.encodebytes(octets).replace(b"\n", b"\r\n")
    return binascii.b2a_qp(octets, istext=True) if encoding == "quoted-printable" else octets


def part(kind: str, text: str, encoding: str, charset: str = "utf-8") -> bytes:
    """Return a part with its header."""
    head = f"Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + encoded(text, encoding, charset)


def several(subtype: str, *parts: bytes, boundary: str = "b--1") -> bytes:
    """Return parts as one."""
    mark = b"--" + boundary.encode()
    joined = b"".join(mark + b"\r\n" + some + b"\r\n" for some in parts)
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode() + joined + mark + b"--\r\n"


def header_of(extra: str = "") -> bytes:
    """Return the header of a message, with further lines."""
    lines = HEADER + (filled(extra) + "\n" if extra else "")
    return lines.replace("\n", "\r\n").encode()


def described(name: str) -> Any:
    """Return the descriptions of a file."""
    return yaml.safe_load((CORPUS / f"{name}.yaml").read_text())


def escaped(text: str) -> str:
    """Return the text of a page with the author's sentence as HTML writes it."""
    return filled(text.replace("{own}", OWN.replace("&", "&amp;")))


def clients() -> Iterator[Sample]:
    """Yield each shape of a mail program: as text, as a page and as both, in each encoding and some charsets."""
    for shape in described("clients"):
        header = header_of(shape.get("header", ""))
        text, page = filled(shape.get("text", "")), escaped(shape.get("html", ""))
        for encoding in ("8bit", "quoted-printable", "base64"):
            if text:
                yield Sample(f"{shape['client']}, text, {encoding}", header + part("plain", text, encoding))
            if page:
                yield Sample(f"{shape['client']}, page, {encoding}", header + part("html", page, encoding))
        if text and page:
            both = part("plain", text, "8bit", "iso-8859-1"), part("html", page, "quoted-printable", "windows-1252")
            yield Sample(f"{shape['client']}, both", header + several("alternative", *both))
        elif text:
            eastern = shape["client"] == "polish"
            latin = part("plain", text, "quoted-printable", "iso-8859-2" if eastern else "iso-8859-15")
            yield Sample(f"{shape['client']}, Latin", header + latin)


DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "in capitals": str.upper,
    "in reversed case": lambda text: text.swapcase(),
    "percent-encoded": lambda text: "".join(f"%{ord(sign):02x}" for sign in text),
    "percent-encoded twice": lambda text: text.replace("@", "%2540").replace(".", "%252e"),
    "in wide letters": lambda text: "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text),
    "with signs of no width": lambda text: "\u200b".join(text),
    "with soft hyphens": lambda text: text.replace(".", "\u00ad.\u2060"),
    "in Base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in Base64 of links": lambda text: base64.urlsafe_b64encode(f"?u={text}&x=1".encode()).decode().rstrip("="),
    "with (at)": lambda text: text.replace("@", " (at) "),
    "with a tag": lambda text: text.replace("@", "+shop@"),
}
PAGE_ONLY: dict[str, Callable[[str], str]] = {
    "in entities": lambda text: "".join(f"&#{ord(sign)};" for sign in text),
    "in entities of 16": lambda text: "".join(f"&#x{ord(sign):X};" for sign in text),
    "in entities twice": lambda text: text.replace("@", "&amp;#64;").replace(".", "&amp;period;"),
    "split by tags": lambda text: "<i></i>".join(text),
    "split by comments": lambda text: "<!-- x -->".join(text),
    "split by marks": lambda text: "&#8203;<wbr>".join(text),
}
PAGE_DISGUISES = DISGUISES | PAGE_ONLY
PLACES = {
    "quote": "{own}\n\n> %s\n",
    "signature": "{own}\n\n-- \n%s\n",
    "old quote": "{own}\n\n-----Original Message-----\nFrom: x\n\nWe have read all of this in %s on Monday.\n",
}
PAGE_PLACES = {
    "quote": "<p>{own}</p><blockquote>%s</blockquote>",
    "hidden": '<p>{own}</p><div style="display: none">%s</div>',
    "attribute": '<p>{own}</p><img src="https://x.example/?q=%s" alt="">',
}


def disguised() -> Iterator[Sample]:
    """Yield the mailbox in each disguise at each place that is not the author's own."""
    for place, text in PLACES.items():
        for disguise, of in DISGUISES.items():
            raw = header_of() + part("plain", filled(text) % of(ME), "8bit")
            yield Sample(f"{disguise}, {place} of a text", raw)
    for place, text in PAGE_PLACES.items():
        for disguise, of in PAGE_DISGUISES.items():
            # a tag within an attribute is none
            if place != "attribute" or "split" not in disguise:
                raw = header_of() + part("html", escaped(text) % of(ME), "quoted-printable")
                yield Sample(f"{disguise}, {place} of a page", raw)


def singles(name: str) -> Iterator[Sample]:
    """Yield the messages of a file that are described one by one: `raw` whole, or further lines and contents."""
    for shape in described(name):
        if "raw" in shape:
            raw = filled(shape["raw"]).replace("\n", "\r\n").encode("utf-8", "surrogateescape")
        else:
            raw = header_of(shape.get("header", "").rstrip("\n")) + filled(shape.get("body", "")).replace(
                "\n", "\r\n"
            ).encode("latin-1" if shape.get("latin") else "utf-8")
        yield Sample(
            shape["name"],
            raw,
            tuple(filled(text) for text in shape.get("left", ())),
            tuple(filled(text) for text in shape.get("gone", ())),
            shape.get("refused", ""),
            tuple(filled(text) for text in shape.get("own", ())),
        )
