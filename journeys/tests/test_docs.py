"""What the pages name is there: files, code, settings, metrics, routes, targets of make."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = [part for part in ROOT.iterdir() if part.is_dir() and part.name not in {".git", ".venv", ".local"}]
FILES = [file for part in PARTS for file in part.rglob("*") if file.is_file()] + list(ROOT.glob("*.*"))
CODE = [file for file in FILES if file.suffix in {".py", ".sql", ".toml", ".html", ".txt", ".yaml", ".cjs"}]
WORDS = {word for file in CODE for word in re.findall(r"\w+", file.read_text())}
# one text, for pages name what many names have in common, such as `F_P05`
NAMES = " ".join(WORDS | {word.upper() for word in WORDS} | {file.stem for file in FILES})
PATHS = {str(file.relative_to(ROOT)) for file in FILES}
ROUTES = {re.sub(r"\{[^}]*\}", "{}", word) for file in CODE for word in re.findall(r'"(/[^"\s]*)"', file.read_text())}
TARGETS = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
SERVICES = [service.name for service in (ROOT / "services").iterdir()]
# Prometheus' endings, which the client appends to the name of a metric, and the prefix of all of ours
METRIC = re.compile(r"kontor_(\w+?)(?:_total|_count|_sum|_bucket)?")
# rendered pages follow the code, and a list of changes names what is gone
PAGES = [
    file for file in FILES if file.suffix == ".md" and file.name != "CHANGELOG.md" and "contracts" not in file.parts
]


def quoted() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for number, line in enumerate(page.read_text().splitlines(), 1):
            for words in re.findall(r"`([^`]+)`", line):
                yield f"{page.relative_to(ROOT)}:{number}", words


def is_known(name: str) -> bool:
    metric = METRIC.fullmatch(name)
    plain = [name, *(metric.groups() if metric else ())]
    plain += [name.removeprefix(f"{service.replace('-', '_').upper()}_") for service in SERVICES]
    return any(one in NAMES for one in plain)


def test_every_link_leads_to_a_file():
    links = [(page, link) for page in PAGES for link in re.findall(r"\]\(([^)#\s]+)", page.read_text())]
    assert not [
        f"{page.relative_to(ROOT)}: {link}"
        for page, link in links
        if not link.startswith("http") and not (page.parent / link).exists()
    ]
    assert links


def is_there(named: str) -> bool:
    """Return whether there is such a file; folders on the way to it may be left out, as in `chassis/tokens.py`."""
    path = re.compile(rf"(?:.*/)?{'/(?:.*/)?'.join(map(re.escape, named.split('/')))}")
    return any(path.fullmatch(known) for known in PATHS)


def test_every_file_that_a_page_names_is_there():
    pattern = re.compile(r"(?<![*\w./])\w[\w./-]*\.(?:py|sql|md|yaml|toml)\b")
    named = [(where, file) for where, words in quoted() for file in pattern.findall(words)]
    assert not [f"{where}: {file}" for where, file in named if not is_there(file)]
    assert named


def test_every_name_that_a_page_quotes_is_in_the_code():
    named = [(where, name) for where, words in quoted() for name in re.findall(r"[A-Za-z]\w*_\w*[A-Za-z]", words)]
    assert not [f"{where}: {name}" for where, name in named if not is_known(name)]
    assert named


def test_every_route_that_a_page_names_is_answered():
    named = [
        (where, route)
        for where, words in quoted()
        for route in re.findall(r"^(?:GET|POST|PUT|DELETE) (/[^\s?]*)", words)
    ]
    assert not [f"{where}: {route}" for where, route in named if re.sub(r"\{[^}]*\}", "{}", route) not in ROUTES]
    assert named


def test_every_target_of_make_that_a_page_names_is_there():
    lines = [line for page in PAGES for line in page.read_text().splitlines()]
    named = {target for line in lines for target in re.findall(r"(?:`|^    )make (\w+)", line)}
    assert named
    assert named <= TARGETS


def imported(file: Path) -> Iterator[str]:
    """Yield the packages that a program imports, without Python's own."""
    for node in ast.walk(ast.parse(file.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        yield from {name.partition(".")[0] for name in names} - sys.stdlib_module_names


def test_what_the_programs_of_the_landscape_import_is_installed_by_its_guide():
    folder = ROOT / "docs" / "services"
    (line,) = re.findall(r"^    pip install (.*)$", (folder / "README.md").read_text(), re.MULTILINE)
    programs = [*(folder / "landscape").glob("*.py")]
    needed = {name for file in programs for name in imported(file)} - {file.stem for file in programs}
    assert needed
    assert {packages_distributions()[name][0] for name in needed} == {*re.findall(r"[a-z][a-z-]+", line)}
