"""Ids of requirements, features, faults and invariants, and where the repository names them.

There are long ids (`CAT-1`, `F-E05`) and short ones: a letter of M, L, E, K, I and a number of one or two digits
without a leading zero. A long id counts wherever it stands. A short one looks like other things (an error's number,
a part of a percent-encoded address), so in code it counts in comments and docstrings only, never in other strings,
and in Markdown outside code. Neither counts where a letter, a digit, `-` or `%` stands directly beside it: `E164`
and `E2E` are no ids. The name of a test writes `_` for `-` and for the ends of a word: `test_F_E05_F_E06_...`.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

AREAS = "CAT|ORD|PAY|DEL|LIC|MAIL|REW|PLT"
LONG = rf"F-[EPLDMRA]\d{{2}}|(?:{AREAS})-[1-9]\d?"
SHORT = r"[MLEKI][1-9]\d?"
_LONG = re.compile(rf"(?<![\w%-])(?:{LONG})(?![\w-])")
_ANY = re.compile(rf"(?<![\w%-])(?:{LONG}|{SHORT})(?![\w-])")
_IN_NAME = re.compile(rf"_(F_[EPLDMRA]\d{{2}}|(?:{AREAS})_[1-9]\d?|{SHORT})(?=_|$)")
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)

CODE = (
    "contracts",
    "chassis",
    "mailing",
    "chassis-testing",
    "services",
    "suite",
    "local",
    "doubles",
    "journeys",
    "benchmarks",
)
FOLDERS = (*CODE, "docs")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Proof:
    """A test and the ids it bears; `file` is relative to the root."""

    file: str
    function: str
    ids: frozenset[str]

    def __str__(self) -> str:
        return f"{self.file}::{self.function}"


@dataclass(frozen=True, slots=True)
class Source:
    """A file, the ids that it names, and the tests that it holds."""

    file: str
    ids: frozenset[str]
    proofs: tuple[Proof, ...] = ()


def sources(root: Path) -> Iterator[Source]:
    """Read every Python, SQL and Markdown file of the repository, in the order of their paths."""
    found = [root / "README.md", *(path for folder in FOLDERS for path in (root / folder).rglob("*.*"))]
    for path in sorted(found):
        file = path.relative_to(root).as_posix()
        if path.suffix == ".py":
            yield _python(file, path.read_text())
        elif path.suffix == ".sql":
            text = path.read_text()
            comments = re.findall(r"--.*", text)
            yield Source(file, _long(text) | _any(*comments))
        elif path.suffix == ".md":
            text = path.read_text()
            yield Source(file, _long(text) | _any(_CODE.sub(" ", text)))


def _python(file: str, text: str) -> Source:
    tree = ast.parse(text)
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
    docstrings = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, DOCUMENTED)]
    proofs: tuple[Proof, ...] = ()
    if Path(file).name.startswith("test_"):
        of_all = _any(ast.get_docstring(tree) or "")
        tests = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        lines = text.splitlines()
        proofs = tuple(
            Proof(file, test.name, of_all | _borne(test, lines, comments))
            for test in tests
            if test.name.startswith("test_")
        )
    named = frozenset[str]().union(*(proof.ids for proof in proofs))
    return Source(file, named | _long(text) | _any(*comments.values(), *docstrings), proofs)


def _borne(test: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str], comments: dict[int, str]) -> frozenset[str]:
    """The ids in the name of a test, in its docstring, in the comments inside it and directly above it."""
    first = min([test.lineno, *(decorator.lineno for decorator in test.decorator_list)])
    while first > 1 and lines[first - 2].startswith("#"):
        first -= 1
    inside = [comments[line] for line in range(first, (test.end_lineno or first) + 1) if line in comments]
    in_name = (found.replace("_", "-") for found in _IN_NAME.findall(test.name))
    return _any(ast.get_docstring(test) or "", *inside) | frozenset(in_name)


def _long(text: str) -> frozenset[str]:
    return frozenset(_LONG.findall(text))


def _any(*texts: str) -> frozenset[str]:
    return frozenset(found for text in texts for found in _ANY.findall(text))
