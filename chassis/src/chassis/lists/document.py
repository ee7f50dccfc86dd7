"""YAML as text with line numbers: every value is taken as it is written, and every fault is gathered.

YAML's own guesses (`NO` is false, `12:30:00` a number, `0123` octal) differ between its versions, so that none is made.
A file may come from anywhere: it is bounded before it is built, in size and depth, without aliases (they multiply) and
tags.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, TypeVar, cast

import yaml
from pydantic import BaseModel, ValidationError

from chassis.telemetry import holds_card

M = TypeVar("M", bound=BaseModel)
Path = tuple[int | str, ...]
LARGEST = 2 * 1024 * 1024
DEEPEST = 16
# The C parser is some twenty times as fast; its absence changes nothing else.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
YAML: Any = yaml
NULL = "tag:yaml.org,2002:null"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,14})")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
YEARS = range(1990, 2200)
CODES = {"missing": "missing", "extra_forbidden": "unknown-field"}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong in a line, counted from 1, as a reason code and a sentence."""

    line: int
    code: str
    sentence: str = ""

    def __str__(self) -> str:
        return ": ".join([str(self.line), self.code, *([self.sentence] if self.sentence else [])])


class FileRefused(Exception):
    """The file has faults, and nothing of it was kept."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self.faults = sorted(set(faults))


@dataclass(slots=True)
class Faults:
    """All that is wrong with a file."""

    found: list[Fault] = field(default_factory=list[Fault])

    def add(self, line: int, code: str, sentence: str) -> None:
        """Add one more."""
        self.found.append(Fault(line, code, sentence))

    def sorted(self) -> list[Fault]:
        """Return them in the order of lines, each once."""
        return sorted(set(self.found))


@dataclass(frozen=True, slots=True)
class Lines:
    """The line of each path in a document, counted from 1."""

    by_path: dict[Path, int] = field(default_factory=dict[Path, int])

    def of(self, keys: Sequence[int | str]) -> int:
        """Return the line of a path, or of the nearest one that contains it."""
        path = tuple(keys)
        while path not in self.by_path and path:
            path = path[:-1]
        return self.by_path.get(path, 1)


def read_document(raw: bytes, model: type[M]) -> tuple[M, Lines]:
    """Return what a YAML file says, and where; raises FileRefused with every fault at once.

    The model is given texts, lists and mappings of texts, and None: `whole` and `moment` read numbers and moments.
    """
    faults, lines = Faults(), Lines()
    root = parse(raw, faults)
    try:
        read = model.model_validate(_plain(root, (), lines))
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            name = ".".join(map(str, fault["loc"])) or "the file"
            sentence = f"{name}: {fault['msg'].removeprefix('Value error, ')}"
            faults.add(lines.of(fault["loc"]), CODES.get(fault["type"], "out-of-range"), sentence)
        raise FileRefused(faults.found) from None
    if faults.found:
        raise FileRefused(faults.found)
    return read, lines


def parse(raw: bytes, faults: Faults) -> Any:
    """Return the root node of a YAML document.

    Fields that stand twice and signs that no text has are added to the faults. Raises FileRefused for what is no YAML
    that can be read further.
    """
    try:
        _inspect(raw)
        root: Any = YAML.compose(raw, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # the parser puts the end of a file into a line of its own
        line = min(mark.line, raw.count(b"\n")) + 1 if mark else 1
        raise FileRefused([Fault(line, "no-yaml", f"This is no YAML: {error.problem or error.context}.")]) from None
    except (yaml.YAMLError, UnicodeError, ValueError):
        sentence = "This is no YAML in UTF-8: it has characters that no text has."
        raise FileRefused([Fault(_line_of_broken(raw), "no-yaml", sentence)]) from None
    if root is None:
        raise FileRefused([Fault(1, "empty", "The file is empty.")])
    _check(root, faults)
    return root


def line_of(node: Any) -> int:
    """Return the line in which a node begins, counted from 1."""
    return int(node.start_mark.line) + 1


def is_null(node: Any) -> bool:
    """Return whether nothing stands there, or the word null."""
    return isinstance(node, yaml.ScalarNode) and node.tag == NULL


def whole(text: object) -> int:
    """Return a whole number as people write it: not 0123, 1_000, 1.0 or 5e3; raises ValueError."""
    if not isinstance(text, str) or not WHOLE.fullmatch(text):
        raise ValueError("must be a whole number, such as 100")
    return int(text)


def moment(text: object, zone: tzinfo | None = None, *, after: timedelta = timedelta()) -> datetime:
    """Return a moment with its offset, or the midnight in which a day of the zone begins, so long after; in UTC.

    Raises ValueError. A day is refused where there is no zone.
    """
    written = text if isinstance(text, str) else ""
    day = zone is not None and DAY.fullmatch(written) is not None
    try:
        found = datetime.fromisoformat(written)
        found = datetime.combine(date.fromisoformat(written) + after, time(), zone) if day else found
        if found.tzinfo is not None and found.year in YEARS and not written.isdecimal():
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    allowed = "a moment with its offset, such as 2026-11-01T00:00:00Z"
    raise ValueError(f"must be {allowed if zone is None else f'a day such as 2026-11-01, or {allowed}'}")


def _inspect(raw: bytes) -> None:
    """Look at the stream of events, which costs no more than its length, before anything is built of it."""
    if len(raw) > LARGEST:
        raise FileRefused([Fault(1, "file-too-large", f"The file has more than {LARGEST // 1024 // 1024} MiB.")])
    depth = documents = 0
    faults = Faults()
    events: Iterator[Any] = YAML.parse(raw, Loader=LOADER)
    for event in events:
        line = line_of(event)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if depth > DEEPEST:
            faults.add(line, "too-deep", f"Values are nested more than {DEEPEST} deep.")
        if documents > 1:
            faults.add(line, "many-documents", "The file has more than one document.")
        if depth > DEEPEST or documents > 1:
            break
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            faults.add(line, "no-aliases", "Anchors and aliases are not taken; write the value out.")
        if isinstance(event, yaml.ScalarEvent) and holds_card(str(event.value)):
            faults.add(line, "card-number", "This looks like a card number, which is kept nowhere.")
        if getattr(event, "tag", None):
            faults.add(line, "no-tags", "Tags are not taken; write the plain value.")
    if faults.found:
        raise FileRefused(faults.found)


def _check(node: Any, faults: Faults) -> None:
    """Find fields that stand twice and signs that no text has."""
    if isinstance(node, yaml.ScalarNode) and CONTROL.search(str(node.value)):
        faults.add(line_of(node), "out-of-range", "This has characters that no text has.")
    if isinstance(node, yaml.SequenceNode):
        for item in cast("list[Any]", node.value):
            _check(item, faults)
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for name, value in cast("list[tuple[Any, Any]]", node.value):
            if not isinstance(name, yaml.ScalarNode):
                faults.add(line_of(name), "unknown-field", "The name of a field must be a text.")
            elif (key := str(name.value)) in seen:
                faults.add(line_of(name), "repeated-field", f"The field stands in line {seen[key]} already.")
            else:
                seen[key] = line_of(name)
            _check(name, faults)
            _check(value, faults)


def _plain(node: Any, path: Path, lines: Lines) -> Any:
    """Return a document as texts in lists and mappings, and note the line of each path."""
    lines.by_path.setdefault(path, line_of(node))
    if isinstance(node, yaml.SequenceNode):
        items: list[Any] = node.value
        return [_plain(item, (*path, at), lines) for at, item in enumerate(items)]
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        pairs = cast("list[tuple[Any, Any]]", node.value)
        for name, value in (pair for pair in pairs if isinstance(pair[0], yaml.ScalarNode)):
            key = str(name.value)
            lines.by_path.setdefault((*path, key), line_of(name))
            found.setdefault(key, _plain(value, (*path, key), lines))
        return found
    return None if is_null(node) else str(node.value)


def _line_of_broken(raw: bytes) -> int:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return raw.count(b"\n", 0, error.start) + 1
    return 1
