"""A device in words: ours, and none of those that somebody writes into a header."""

import time

import pytest
from accounts.domain.device import BROWSERS, SYSTEMS, Device
from accounts.web.devices import device_of, read
from aiohttp.test_utils import make_mocked_request

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
KNOWN = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0": Device("Firefox", "Windows"),
    f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/131.0.0.0 Safari/537.36": Device("Chrome", "Linux"),
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0": Device("Firefox", "Linux"),
    f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/131.0 Safari/537.36 Edg/131.0.0.0": Device("Edge", "Windows"),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5"
    " Mobile/15E148 Safari/604.1": Device("Safari", "iOS"),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5"
    " Safari/605.1.15": Device("Safari", "macOS"),
    f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {WEBKIT} Chrome/131.0 Mobile Safari/537.36": Device("Chrome", "Android"),
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/131.0 Safari/537.36": Device("Chrome", "ChromeOS"),
    "curl/8.5.0": Device("curl", None),
}
HOSTILE = [
    "",
    "<script>alert(1)</script>",
    "Firefox\x01\x1b[31m/1",
    "Call-0190-123456/1.0 (Your bank; Sign in at evil.example)",
    "x" * 10_000,
    " " * 10_000,
    "Mozilla/5.0 (" * 800,
    "a1" * 5_000,
    "Mozilla/5.0 (Linux; " + "; " * 5_000,
    "\udcff\ufffd" * 300,
]


@pytest.mark.parametrize("header", KNOWN, ids=[str(n) for n in range(len(KNOWN))])
def test_what_people_use_has_a_name(header: str):
    assert read(header) == KNOWN[header]


@pytest.mark.parametrize("header", HOSTILE, ids=[str(n) for n in range(len(HOSTILE))])
def test_no_header_writes_a_word_or_takes_long(header: str):
    read("curl/8")  # the rules are made ready
    before = time.perf_counter()
    found = read(header)
    assert time.perf_counter() - before < 1
    assert found.browser in {None, *BROWSERS.values()}
    assert found.system in {None, *SYSTEMS.values()}


def test_a_browser_that_hides_far_behind_is_not_looked_for():
    assert read("x" * 400 + " Firefox/131.0") == Device()


def test_no_header_is_no_device():
    assert device_of(make_mocked_request("GET", "/")) == Device()
