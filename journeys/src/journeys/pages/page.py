"""A page about one service: written by hand down to a mark, and rendered from the service's code below it."""

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chassis.config import ServiceSettings
from chassis.service import Service
from chassis.web.routes import Route
from contracts.topics import CONSUMED_BY, SERVICES, WRITTEN_BY_PREFIX, published_by, publishers_of
from stack.stack import ROOT

FOLDER: Final = Path("docs") / "services"
MARK: Final = "<!-- below: python -m journeys pages render -->\n"
COMMANDS: Final = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EVERY: Final = frozenset(ServiceSettings.model_fields)


@dataclass(frozen=True, slots=True)
class Page:
    """The page of a service; `written` is what people wrote."""

    service: str
    written: str

    @classmethod
    def read(cls, service: str, root: Path = ROOT) -> "Page":
        """Read the written part of a service's page."""
        return cls(service, (root / FOLDER / f"{service}.md").read_text().partition(MARK)[0])

    @property
    def commands(self) -> str:
        """What the page has somebody type, from its first command to its last."""
        return "\n".join(COMMANDS.findall(self.written))

    @property
    def text(self) -> str:
        """The whole page."""
        package = self.service.replace("-", "_")
        service: Service[Any] = importlib.import_module(f"{package}.__main__").service
        lists = (_events(service), _settings(service), _routes(service))
        return f"{self.written}{MARK}\n" + "\n\n".join("\n".join(lines) for lines in lists) + "\n"


def rendered(root: Path = ROOT) -> dict[Path, str]:
    """Return every page as it should be, by its path from the root."""
    return {FOLDER / f"{name}.md": Page.read(name, root).text for name in SERVICES}


def stale(root: Path = ROOT) -> list[Path]:
    """Return the pages that are not as they would be rendered."""
    return [path for path, text in rendered(root).items() if (root / path).read_text() != text]


def _events(service: Service[Any]) -> Iterator[str]:
    yield "## Events\n"
    yield "| It consumes | From |\n|---|---|"
    for topic in sorted(topic for topic, readers in CONSUMED_BY.items() if service.name in readers):
        yield f"| {_linked(topic)} | {', '.join(publishers_of(topic))} |"
    yield "\n| It publishes | To |\n|---|---|"
    for topic in published_by(service.name):
        if not topic.startswith("dead."):
            yield f"| {_linked(topic)} | {', '.join(CONSUMED_BY.get(topic, ())) or 'readers outside'} |"
    yield f"| `dead.{service.name}` | whoever watches: copies of what it could not handle |"
    if begins := WRITTEN_BY_PREFIX.get(service.name):
        yield f"| `{begins}...` | partners |"


def _linked(topic: str) -> str:
    return f"[{topic}](../../contracts/rendered/schemas/{topic}.json)"


def _settings(service: Service[Any]) -> Iterator[str]:
    yield "## Settings\n"
    yield "Beside [those of every service](../../chassis/README.md#settings-of-every-service):\n"
    own = {name: field for name, field in service.settings.model_fields.items() if name not in EVERY}
    if not own:
        yield "none."
        return
    yield "| Variable | Otherwise |\n|---|---|"
    for name, field in own.items():
        otherwise = "needed" if field.is_required() else field.get_default(call_default_factory=True)
        yield f"| `{name.upper()}` | {_shown(otherwise)} |"


def _shown(value: object) -> str:
    return "none" if value is None or value == "" or value == {} else str(value)


def _routes(service: Service[Any]) -> Iterator[str]:
    yield "## Routes\n"
    yield "| Route | Who | |\n|---|---|---|"
    for route in service.doors.routes.all:
        about = (route.handler.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
        yield f"| `{route.method} {route.path}` | {_who(route)} | {re.sub(' +', ' ', about).replace('|', '/')} |"


def _who(route: Route) -> str:
    return ", ".join(route.allow) or "anybody"
