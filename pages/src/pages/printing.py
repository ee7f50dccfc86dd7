"""The help on paper: the same text as on the pages, as a PDF to print or to keep (E23)."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import typst
from aiohttp import web
from chassis.looks import palette

MEDIA_TYPE: Final = "application/pdf"
TEMPLATE: Final = (files("pages") / "templates" / "help.typ").read_bytes()
HEADERS: Final = {
    "Cache-Control": "private, max-age=300",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


@dataclass(frozen=True, slots=True)
class Part:
    """What belongs together: a title, and of each page its title and its paragraph."""

    title: str
    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """What is printed: whose help it is, in which language, under which colour."""

    house: str
    color: str
    language: str
    title: str
    contents: str
    parts: tuple[Part, ...]


def guide(house: str, color: str | None, language: str, *words: Mapping[str, Any]) -> Guide:
    """Return the help of a house: a part for each site whose words are given, in a language."""
    base = words[0]["base"]
    parts = tuple(_part(each) for each in words)
    shown = color or palette().light["brand"]
    return Guide(house, shown, language, base["help_title"], base["help_contents"], parts)


@lru_cache(maxsize=64)
def printed(content: Guide) -> bytes:
    """Return a PDF with title, contents and page numbers, which screen readers can read too (PDF/UA-1).

    It takes a moment and is kept; the same guide is the same bytes.
    """
    facts = json.dumps(asdict(content))
    return typst.compile(TEMPLATE, sys_inputs={"guide": facts}, pdf_standards=["ua-1"], ignore_system_fonts=True)


async def answer(house: str, color: str | None, words: Mapping[str, Mapping[str, Any]], language: str) -> web.Response:
    """Return the help of a site for a browser, which shows it or keeps it under a name of its own."""
    content = guide(house, color, language, words[language])
    body = await asyncio.to_thread(printed, content)
    named = {"Content-Disposition": f'inline; filename="help-{language}.pdf"'}
    return web.Response(body=body, content_type=MEDIA_TYPE, headers={**HEADERS, **named})


def _part(words: Mapping[str, Any]) -> Part:
    return Part(words["base"]["help_of"], tuple((one["title"], one["text"]) for one in words["help"].values()))
