"""YAML with the line of every entry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from chassis.telemetry import holds_card

from rewards.commands.faults import Fault, FileRefused

DEEPEST = 8
Path = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """The line of each path in a document, counted from 1, and what is wrong with the document itself."""

    by_path: dict[Path, int] = field(default_factory=dict[Path, int])
    faults: list[Fault] = field(default_factory=list[Fault])

    def of(self, keys: Sequence[int | str]) -> int:
        """Return the line of a path, or of the nearest one that contains it."""
        path = tuple(keys)
        while path not in self.by_path and path:
            path = path[:-1]
        return self.by_path.get(path, 1)


def locate(content: bytes) -> tuple[Any, Lines]:
    """Return the document and its lines; raises FileRefused for what is no plain YAML."""
    untyped: Any = yaml
    try:
        _check_plain(untyped.parse(content, Loader=yaml.SafeLoader))
        loader: Any = yaml.SafeLoader(content)
        node: Any = loader.get_single_node()
        lines = Lines()
        if node is not None:
            _walk(node, (), lines)
        return (loader.construct_document(node) if node is not None else None), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise FileRefused([Fault(1 if mark is None else mark.line + 1, error.problem or "is no YAML")]) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise FileRefused([Fault(1, "the file is no plain YAML, or has an impossible date")]) from None


def _check_plain(events: Iterable[Any]) -> None:
    """Refuse aliases, which could make a small file explode, and depth, which costs more than it shows."""
    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.ScalarEvent) and holds_card(str(event.value)):
            raise FileRefused([Fault(event.start_mark.line + 1, "looks like a card number, which is kept nowhere")])
        if isinstance(event, yaml.AliasEvent) or depth > DEEPEST:
            raise FileRefused([Fault(event.start_mark.line + 1, "aliases and deep nesting are not allowed")])


def _walk(node: Any, path: Path, lines: Lines) -> None:
    lines.by_path[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                lines.faults.append(Fault(key.start_mark.line + 1, "repeats a field"))
            seen.add(str(key.value))
            _walk(value, (*path, str(key.value)), lines)
            lines.by_path[*path, str(key.value)] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, (*path, index), lines)
