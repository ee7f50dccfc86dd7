"""YAML as text with line numbers: every value is taken as it is written, and every fault is gathered.

A file may come from anywhere, so it is bounded before it is built: size, depth, no aliases (they multiply), no tags.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import yaml
from chassis.telemetry import holds_card

T = TypeVar("T")
LARGEST = 2 * 1024 * 1024
DEEPEST = 16
# The C parser is some twenty times as fast; its absence changes nothing else.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
YAML: Any = yaml
NULL = "tag:yaml.org,2002:null"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong in a line, as a reason code and a sentence."""

    line: int
    code: str
    sentence: str


class Unreadable(Exception):
    """The text is no YAML that can be read further."""


@dataclass(slots=True)
class Faults:
    """All that is wrong with a file."""

    found: list[Fault] = field(default_factory=list[Fault])

    def add(self, line: int, code: str, sentence: str) -> None:
        """One more."""
        self.found.append(Fault(line, code, sentence))

    def sorted(self) -> list[Fault]:
        """In the order of lines, each once."""
        return sorted(set(self.found))


def parse(raw: bytes, faults: Faults) -> Any:
    """The root node of a YAML document; raises `Unreadable` after telling why."""
    if len(raw) > LARGEST:
        faults.add(1, "file-too-large", f"The file has more than {LARGEST // 1024 // 1024} MiB.")
        raise Unreadable
    before = len(faults.found)
    try:
        _inspect(raw, faults)
        if len(faults.found) > before:
            raise Unreadable
        root: Any = YAML.compose(raw, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.add(mark.line + 1 if mark else 1, "no-yaml", f"This is no YAML: {error.problem or error.context}.")
        raise Unreadable from None
    except (yaml.YAMLError, UnicodeError, ValueError):
        faults.add(1, "no-yaml", "This is no YAML in UTF-8: it has characters that no text has.")
        raise Unreadable from None
    if root is None:
        faults.add(1, "empty", "The file is empty.")
        raise Unreadable
    return root


def _inspect(raw: bytes, faults: Faults) -> None:
    """Look at the stream of events, which costs no more than its length, before anything is built of it."""
    depth = documents = 0
    events: Iterator[Any] = YAML.parse(raw, Loader=LOADER)
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        if depth > DEEPEST:
            faults.add(line, "too-deep", f"Values are nested more than {DEEPEST} deep.")
            raise Unreadable
        if documents > 1:
            faults.add(line, "many-documents", "The file has more than one document.")
            raise Unreadable
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            faults.add(line, "no-aliases", "Anchors and aliases are not taken; write the value out.")
        if isinstance(event, yaml.ScalarEvent) and holds_card(str(event.value)):
            faults.add(line, "card-number", "This looks like a card number, which is kept nowhere.")
        if getattr(event, "tag", None):
            faults.add(line, "no-tags", "Tags are not taken; write the plain value.")


@dataclass(slots=True)
class Sheet:
    """A mapping of the file whose fields are taken one by one; what is missing, unknown or wrong becomes a fault."""

    line: int
    faults: Faults
    nodes: dict[str, tuple[int, Any]] = field(default_factory=dict[str, tuple[int, Any]])
    broken: bool = False

    @classmethod
    def of(cls, node: Any, faults: Faults, fields: frozenset[str] | None) -> "Sheet":
        """The fields of a node; `fields` are those it may have, None where they are names of the file's own."""
        sheet = cls(line_of(node), faults)
        if isinstance(node, yaml.ScalarNode) and node.tag == NULL:
            return sheet
        if not isinstance(node, yaml.MappingNode):
            sheet.broken = True
            faults.add(sheet.line, "not-a-mapping", "Here must stand fields and their values.")
            return sheet
        pairs: list[tuple[Any, Any]] = node.value
        for name, value in pairs:
            key = str(name.value) if isinstance(name, yaml.ScalarNode) else ""
            if not key or (fields is not None and key not in fields):
                known = f" Known are {', '.join(sorted(fields))}." if fields else ""
                faults.add(line_of(name), "unknown-field", f"There is no such field.{known}")
            elif key in sheet.nodes:
                faults.add(line_of(name), "repeated-field", f"The field stands in line {sheet.nodes[key][0]} already.")
            else:
                sheet.nodes[key] = (line_of(name), value)
        return sheet

    def has(self, name: str) -> bool:
        """Whether the field is there."""
        return name in self.nodes

    def line_of(self, name: str) -> int:
        """Where the field stands, or else the mapping."""
        return self.nodes[name][0] if name in self.nodes else self.line

    def node(self, name: str, *, required: bool = False) -> Any:
        """The node of a field, None where it is missing."""
        if name in self.nodes:
            return self.nodes[name][1]
        if required and not self.broken:
            self.faults.add(self.line, "missing", f"The field {name} is missing.")
        return None

    def take(self, name: str, read: Callable[[str], T], default: T, *, required: bool = False) -> T:
        """A value by its reader; the default where it is missing or wrong."""
        node = self.node(name, required=required)
        return default if node is None else scalar(node, self.faults, read, default, name)

    def items(self, name: str, *, required: bool = False) -> Iterator[Any]:
        """The nodes of a list."""
        node = self.node(name, required=required)
        if node is None:
            return
        if not isinstance(node, yaml.SequenceNode):
            self.faults.add(line_of(node), "not-a-list", f"The field {name} must be a list.")
            return
        if required and not node.value:
            self.faults.add(line_of(node), "missing", f"The list {name} is empty.")
        yield from node.value

    def values(self, name: str, read: Callable[[str], T]) -> tuple[T, ...] | None:
        """A list of values, None where it is missing or wrong."""
        if not self.has(name):
            return None
        found = [scalar(item, self.faults, read, None, name) for item in self.items(name, required=True)]
        good = tuple(value for value in found if value is not None)
        return good if good and len(good) == len(found) else None


def scalar(node: Any, faults: Faults, read: Callable[[str], T], default: T, name: str) -> T:
    """A single value by its reader, which raises ValueError with the rest of a sentence."""
    if not isinstance(node, yaml.ScalarNode) or node.tag == NULL:
        faults.add(line_of(node), "wrong-type", f"The field {name} must be a single value.")
        return default
    text = str(node.value).strip()
    if CONTROL.search(text):
        faults.add(line_of(node), "out-of-range", f"The field {name} has characters that no text has.")
        return default
    try:
        return read(text)
    except ValueError as error:
        faults.add(line_of(node), "out-of-range", f"The field {name} {error}.")
        return default


def line_of(node: Any) -> int:
    """The line in which a node begins, counted from 1."""
    return int(node.start_mark.line) + 1
