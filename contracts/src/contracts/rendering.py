"""The files that describe the events in common formats: JSON Schema, AsyncAPI, examples."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson
import yaml

from contracts.asyncapi import document, sentence
from contracts.event import Event
from contracts.faults import Fault
from contracts.partner import partner_events
from contracts.partner_document import partner_document, partner_example, partner_schema
from contracts.partner_list import partner_list
from contracts.schemas import schemas
from contracts.wire import encode

FOLDER: Final = "rendered"
PARTNER: Final = "partner"
PARTNERS_PAGES: Final = Path("docs", "partners")
EVENTS: Final = "events.md"
README: Final = "README.md"
_BEGIN: Final = "<!-- events: rendered by `python -m contracts render` -->"
_END: Final = "<!-- end of events -->"
_RENDER: Final = "Run `python -m contracts render` and commit what it writes"


def files(events: Mapping[str, type[Event]], root: Path) -> dict[Path, bytes]:
    """Every rendered file with its bytes: below `root`, and on the pages for partners beside it, where these are.

    Raises ValueError where an EXAMPLE is not an event.
    """
    folder = root / FOLDER
    found = {folder / "asyncapi.yaml": _yaml(document(events))}
    for topic, schema in schemas(events).items():
        found[folder / "schemas" / f"{topic}.json"] = pretty(schema)
        found[folder / "examples" / f"{topic}.json"] = pretty(orjson.loads(example(events[topic])))
    outside = {topic: event for topic, event in events.items() if topic in partner_events()}
    found[folder / PARTNER / "asyncapi.yaml"] = _yaml(partner_document(outside))
    for topic, event in outside.items():
        found[folder / PARTNER / "schemas" / f"{topic}.json"] = pretty(partner_schema(event))
        found[folder / PARTNER / "examples" / f"{topic}.json"] = pretty(partner_example(event))
    if (pages := root.parent / PARTNERS_PAGES).is_dir():
        found[pages / EVENTS] = partner_list(outside).encode()
    readme = root / README
    text = readme.read_text("utf-8") if readme.exists() else "# The contracts"
    return found | {readme: _with_table(text, events).encode()}


def render(events: Mapping[str, type[Event]], root: Path) -> list[Path]:
    """Write what is stale or missing, remove what is extra; the paths touched."""
    wanted = files(events, root)
    stale = [path for path, content in wanted.items() if not path.exists() or path.read_bytes() != content]
    extra = _extra(wanted, root)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wanted[path])
    for path in extra:
        path.unlink()
    return stale + extra


def stale_faults(events: Mapping[str, type[Event]], root: Path) -> list[Fault]:
    """Rendered files that are not what `render` would write now."""
    wanted = files(events, root)
    faults = [Fault(shown(path, root), "it should not be there", _RENDER) for path in _extra(wanted, root)]
    for path, content in wanted.items():
        if not path.exists():
            faults.append(Fault(shown(path, root), "it is missing", _RENDER))
        elif path.read_bytes() != content:
            faults.append(Fault(shown(path, root), "it is stale", _RENDER))
    return faults


def example_faults(events: Mapping[str, type[Event]]) -> list[Fault]:
    """Events whose EXAMPLE is not one of them, or leaves out a field that a reader should see."""
    faults: list[Fault] = []
    for topic, event in events.items():
        try:
            example(event)
        except ValueError as error:
            faults.append(Fault(topic, f"its EXAMPLE is not an event: {error}", "Correct the EXAMPLE"))
        faults += [
            Fault(f"{topic}.{field}", "its EXAMPLE leaves it out", "Show a value in the EXAMPLE")
            for field in event.model_fields
            if field not in event.EXAMPLE
        ]
    return faults


def example(event: type[Event]) -> bytes:
    """The EXAMPLE as it travels: the value only, headers are the same for all."""
    return encode(event.model_validate(event.EXAMPLE))


def pretty(content: Any) -> bytes:
    """JSON for reading and for diffs."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


class _Plain(yaml.CSafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Anchors save bytes and cost readers."""
        return True


def _yaml(content: Any) -> bytes:
    return yaml.dump(content, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120).encode()


def _with_table(text: str, events: Mapping[str, type[Event]]) -> str:
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        return f"{text.rstrip()}\n\n{_BEGIN}\n{_table(events)}{_END}\n"
    return f"{before}{begin}\n{_table(events)}{end}{after}"


def _table(events: Mapping[str, type[Event]]) -> str:
    rows = [
        f"| {topic} | {event.DECLARED.published_by} | {event.DECLARED.key} | {sentence(event).replace('|', '/')} |\n"
        for topic, event in sorted(events.items(), key=lambda item: (item[1].DECLARED.published_by, item[0]))
    ]
    return "| Event | Published by | Key | What is now true |\n|---|---|---|---|\n" + "".join(rows)


def _extra(wanted: Mapping[Path, bytes], root: Path) -> list[Path]:
    return [path for path in sorted((root / FOLDER).rglob("*")) if path.is_file() and path not in wanted]


def shown(path: Path, root: Path) -> str:
    """A rendered file as `root` sees it."""
    return Path(os.path.relpath(path, root)).as_posix()
