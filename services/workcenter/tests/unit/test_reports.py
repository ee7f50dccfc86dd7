"""What a browser keeps of an import: the report, whole or its beginning, and nothing that breaks a page."""

import json
import zlib
from base64 import urlsafe_b64encode
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from pages.sessions import Sessions
from pages.site import Site
from workcenter.web import reports

SITE = Site("workcenter", cast("Sessions", None), "http://localhost", ZoneInfo("UTC"), 0, ["workcenter"])


def asked(cookie: str) -> web.Request:
    return make_mocked_request("GET", "/skus/A?report=true", headers={"Cookie": f"workcenter-report={cookie}"})


def carried(answer: dict[str, Any], *, dry: bool = False) -> tuple[reports.Report | None, int]:
    """The report as it comes back, and how long the cookie is."""
    response = web.Response()
    reports.keep(SITE, response, "A", answer, dry=dry)
    cookie = response.cookies["workcenter-report"].value
    return reports.kept(SITE, asked(cookie), "A"), len(cookie)


def test_a_report_comes_back_as_it_was():
    answer = {
        "taken": 7,
        "before": True,
        "import_id": "x",
        "faulty": {"count": 1, "lines": [{"line": 3, "rule": "too-short"}]},
        "in_stock": {"count": 2, "lines": [5, 6]},
    }
    found, _ = carried(answer, dry=True)
    assert found is not None
    assert (found.taken, found.before, found.dry, found.faulty.lines[0]) == (
        7,
        True,
        True,
        reports.FaultyLine(line=3, rule="too-short"),
    )
    assert found.in_stock == reports.Lines(count=2, lines=[5, 6])


def test_of_the_longest_report_the_beginning_is_kept():
    wrong = {"count": 100_000, "lines": [{"line": 10**6 + 7919 * at % 99_991, "rule": "x" * 60} for at in range(1000)]}
    lines = {"count": 100_000, "lines": [10**6 + 7919 * at % 99_991 for at in range(1000)]}
    kinds = {"faulty": wrong, "unlike": wrong, "left_out": wrong, "repeated": lines, "in_stock": lines}
    found, size = carried(kinds)
    assert found is not None
    assert size <= reports.MOST_KEPT
    assert (found.faulty.count, len(found.faulty.lines)) == (100_000, 20)


def packed(text: bytes) -> str:
    return urlsafe_b64encode(zlib.compress(text, 9)).decode()


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "x",
        "a" * 4000,
        packed(b""),
        packed(b"null"),
        packed(b"[" * 60_000),
        packed(b'{"sku": "A", "dry": false, "taken": "many"}'),
        packed(json.dumps({"sku": "B", "dry": False}).encode()),
        packed(b" " * 3_000_000 + b'{"sku": "A", "dry": false}'),
    ],
    ids=lambda cookie: cookie[:12],
)
def test_what_is_no_report_of_this_article_shows_none(cookie: str):
    assert reports.kept(SITE, asked(cookie), "A") is None
