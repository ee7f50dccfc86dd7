"""Devices in words: which browser, on which system. The words are ours, so that no header writes to a page."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

BROWSERS: Final = {
    **{f"{name}{on}": name for name in ("Chrome", "Firefox", "Opera", "Safari") for on in ("", " Mobile", " iOS")},
    "Brave": "Brave",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Mobile WebView": "Chrome",
    "Chromium": "Chromium",
    "DuckDuckGo": "DuckDuckGo",
    "DuckDuckGo Mobile": "DuckDuckGo",
    "Edge": "Edge",
    "Edge Mobile": "Edge",
    "Firefox ESR": "Firefox",
    "HeadlessChrome": "Chrome",
    "IE": "Internet Explorer",
    "Konqueror": "Konqueror",
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "Samsung Internet": "Samsung Internet",
    "Vivaldi": "Vivaldi",
    "Yandex Browser": "Yandex Browser",
    "curl": "curl",
}
LINUX: Final = ("Arch Linux", "CentOS", "Debian", "Fedora", "Linux Mint", "Red Hat", "SUSE", "Ubuntu")
SYSTEMS: Final = {
    **dict.fromkeys(("Linux", *LINUX), "Linux"),
    "Android": "Android",
    "Chrome OS": "ChromeOS",
    "FreeBSD": "FreeBSD",
    "Mac OS X": "macOS",
    "OpenBSD": "OpenBSD",
    "Windows": "Windows",
    "iOS": "iOS",
}


# for how long a browser is known that is not used; how often a letter is written about new ones
KNOWN_FOR = timedelta(days=400)
LETTER_EVERY = timedelta(hours=1)
# so many stand in a letter beside the newest; of the others it has the count
NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Device:
    """What somebody signs in with, as far as we have words for it; None where we have none.

    `cookie` is the secret by which our pages know this browser again; programs have none, and are known in a `network`.
    """

    browser: str | None = None
    system: str | None = None
    cookie: str = field(default="", repr=False, compare=False)
    network: str = field(default="", repr=False, compare=False)

    @property
    def mark(self) -> str:
        """What tells it from others: its cookie, or else which browser on which system it is, and in which network."""
        return f"cookie {self.cookie}" if self.cookie else f"kind {self.browser} {self.system} {self.network}"


def known_as(browser: str | None, system: str | None, cookie: str = "") -> Device:
    """Return the device that is recognised as this browser and system; others are not named."""
    return Device(BROWSERS.get(browser or ""), SYSTEMS.get(system or ""), cookie)
