"""Chromium, driven by Playwright, in which people use the pages; every page that they see is looked at."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import axe_playwright_python
import html5lib
from playwright.async_api import BrowserContext, ConsoleMessage, Page, Response, async_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
HTML = "text/html"
# what axe looks for: WCAG 2.2 to AA, and what its authors hold to be good practice
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PHONE, DESK = 360, 1440
SHAPE = Path(__file__).with_name("shape.js").read_text()
# the largest page, over the wire
MOST_BYTES = 60_000


def program() -> str | None:
    """Return the path of a Chromium on this machine."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


class Window(NamedTuple):
    """In what a page is seen."""

    width: int
    language: str
    dark: bool


@dataclass
class Faults:
    """What is wrong with the pages that were seen."""

    found: list[str] = field(default_factory=list[str])

    def answered(self, response: Response) -> None:
        """Note an answer that no page should get."""
        if response.status >= 500:
            self.found.append(f"{response.status} {response.url}")

    def printed(self, message: ConsoleMessage) -> None:
        """Note what the browser complains about, its policy's refusals among them."""
        if message.type == "error" and "favicon" not in message.text and "status of 4" not in message.text:
            self.found.append(f"console: {message.text}")


@dataclass(slots=True)
class Person:
    """Somebody at a browser of a certain width."""

    page: Page
    faults: Faults
    pictures: Path | None
    window: Window
    judged: set[tuple[int, bool, str]]
    seen: int = 0
    looks: bool = True

    async def open(self, address: str) -> None:
        """Go to an address, and look at the page."""
        await self.page.goto(address)
        await self.look()

    async def press(self, name: str) -> None:
        """Press the button or link of this name, and look at the page that follows."""
        button = self.page.get_by_role("button", name=name, exact=True)
        target = button if await button.count() else self.page.get_by_role("link", name=name, exact=True)
        async with self.page.expect_navigation():
            await target.first.click()
        await self.look()

    async def write(self, **fields: str) -> None:
        """Fill fields by their labels' ids."""
        for name, text in fields.items():
            await self.page.fill(f"#{name}", text)

    async def text(self) -> str:
        """Return what the page shows."""
        return await self.page.inner_text("body")

    async def look(self) -> None:
        """Look at the page as a picture, and as axe does, once for each shape of a page; note what is wrong."""
        page = self.page
        await page.wait_for_load_state("load")
        if not self.looks:
            await self._picture()
            return
        if await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            self.faults.found.append(f"{page.url}: wider than the window")
        if (judged := (self.window.width, self.window.dark, await page.evaluate(SHAPE))) in self.judged:
            return
        await self._picture()
        self.judged.add(judged)
        await page.evaluate(_axe())
        found: Any = await page.evaluate("rules => axe.run(document, rules)", RULES)
        for violation in found["violations"]:
            places = ", ".join(str(node["target"]) for node in violation["nodes"][:3])
            self.faults.found.append(f"{page.url}: {violation['id']}: {violation['help']} at {places}")

    async def _picture(self) -> None:
        if self.pictures is not None:
            self.seen += 1
            name = self.page.url.partition("://")[2].partition("/")[2].partition("?")[0].replace("/", "_")[:60]
            picture = self.pictures / f"{self.seen:02}-{name or 'home'}.png"
            await self.page.screenshot(path=picture, full_page=True)


def read_strictly(text: str) -> None:
    """Raise ParseError where HTML is not valid (HTML standard, 13.2)."""
    parser: Any = html5lib.HTMLParser(strict=True)  # it has no types
    parser.parse(text)


@dataclass(slots=True)
class Browser:
    """A Chromium; `pictures` is where screenshots of the run are kept."""

    launched: Any
    pictures: Path | None
    judged: set[tuple[int, bool, str]] = field(default_factory=set[tuple[int, bool, str]])

    @asynccontextmanager
    async def person(
        self, name: str = "", *, width: int = DESK, language: str = "de", scripts: bool = True, dark: bool = False
    ) -> AsyncGenerator[Person]:
        """Give somebody a window of their own; raises AssertionError for what was wrong with the pages they saw."""
        context: BrowserContext = await self.launched.new_context(
            viewport={"width": width, "height": 900},
            locale="de-DE" if language == "de" else "en-GB",
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        folder = self.pictures / name if self.pictures and name else None
        if folder is not None:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        page, faults = await context.new_page(), Faults()
        page.on("response", faults.answered)
        page.on("console", faults.printed)
        try:
            window = Window(width, language, dark)
            yield Person(page, faults, folder, window, self.judged, looks=scripts)  # axe is a script
            assert not faults.found, "\n".join(faults.found)
        finally:
            await context.close()


@asynccontextmanager
async def browser(pictures: Path | None = None) -> AsyncGenerator[Browser]:
    """Run a Chromium; raises FileNotFoundError where there is none."""
    found = program()
    if found is None:
        raise FileNotFoundError("there is no Chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        try:
            yield Browser(launched, pictures)
        finally:
            await launched.close()


def _axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
