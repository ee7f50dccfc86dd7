"""The report of an import, kept by the browser of whoever has imported: reloading its page imports nothing again."""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from pages.site import Site
from pages.visit import set_cookie
from pydantic import BaseModel, ConfigDict, Field, ValidationError

REPORT: Final = "report"
SECONDS: Final = 3600
LINES: Final = 20
# a browser keeps 4 KiB under one name, and what it sends is unpacked to this much at most
MOST_KEPT, MOST_UNPACKED = 3800, 65_536


class FaultyLine(BaseModel):
    """A line of a list, and the rule that it breaks."""

    line: int
    rule: str = Field(max_length=60)


class Lines(BaseModel):
    """How many lines of a kind there are, and the first of them."""

    count: int = 0
    lines: list[FaultyLine | int] = Field(default_factory=list[FaultyLine | int])


class Report(BaseModel):
    """What became, or would become, of a list of serials of an article; there are no serials in it."""

    model_config = ConfigDict(extra="ignore")

    sku: str = Field(max_length=64)
    dry: bool
    taken: int = 0
    before: bool = False
    faulty: Lines = Lines()
    unlike: Lines = Lines()
    left_out: Lines = Lines()
    repeated: Lines = Lines()
    in_stock: Lines = Lines()


def keep(site: Site, response: web.StreamResponse, sku: str, answer: Mapping[str, Any], *, dry: bool) -> None:
    """Let the browser keep what licensing answers to an import; of long lists the beginning."""
    report = Report.model_validate({**answer, "sku": sku, "dry": dry})
    for most in (LINES, 5, 0):
        for one in (report.faulty, report.unlike, report.left_out, report.repeated, report.in_stock):
            del one.lines[most:]
        packed = urlsafe_b64encode(zlib.compress(report.model_dump_json(exclude_defaults=True).encode(), 9)).decode()
        if len(packed) <= MOST_KEPT:
            break
    set_cookie(response, f"{site.name}-{REPORT}", packed, site.public_url, SECONDS)


def kept(site: Site, request: web.Request, sku: str) -> Report | None:
    """Return the report that the browser keeps of an article; None where it has none, or something else."""
    try:
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(urlsafe_b64decode(site.kept(request, REPORT)), MOST_UNPACKED)
        report = Report.model_validate(json.loads(text))
    except (ValueError, zlib.error, ValidationError, RecursionError):
        return None
    return report if report.sku == sku else None
