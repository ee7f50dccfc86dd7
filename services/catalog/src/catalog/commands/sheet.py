"""The fields of an assortment file, taken one by one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import yaml
from chassis.lists import Faults, is_null, line_of

T = TypeVar("T")


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
        if is_null(node):
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
            else:
                sheet.nodes.setdefault(key, (line_of(name), value))
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
    if not isinstance(node, yaml.ScalarNode) or is_null(node):
        faults.add(line_of(node), "wrong-type", f"The field {name} must be a single value.")
        return default
    try:
        return read(str(node.value).strip())
    except ValueError as error:
        faults.add(line_of(node), "out-of-range", f"The field {name} {error}.")
        return default
