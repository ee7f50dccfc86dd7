"""What docs/security/asvs.md says of OWASP ASVS 5.0 is complete, and what it names exists."""

import ast
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security" / "asvs.md").read_text()
MEASURES = (ROOT / "docs" / "security" / "measures.md").read_text()
# the numbers of ASVS 5.0.0 by level
LEVELS = {
    1: """1.2.1-5 1.3.1-2 1.5.1 2.1.1 2.2.1-2 2.3.1 3.2.1-2 3.3.1 3.4.1-2 3.5.1-3 4.1.1 4.4.1 5.2.1-2 5.3.1-2 6.1.1
    6.2.1-8 6.3.1-2 6.4.1-2 7.2.1-4 7.4.1-2 8.1.1 8.2.1-2 8.3.1 9.1.1-3 9.2.1 10.4.1-5 11.3.1-2 11.4.1 12.1.1 12.2.1-2
    13.4.1 14.2.1 14.3.1 15.1.1 15.2.1 15.3.1""",
    2: """1.1.1-2 1.2.6-9 1.3.3-11 1.4.1-3 1.5.2 2.1.2-3 2.2.3 2.3.2-4 2.4.1 3.3.2-4 3.4.3-6 3.5.4-5 3.7.1-2 4.1.2-3
    4.2.1 4.3.1-2 4.4.2-4 5.1.1 5.2.3 5.4.1-3 6.1.2-3 6.2.9-12 6.3.3-4 6.4.3-4 6.5.1-5 6.6.1-3 6.8.1-4 7.1.1-3 7.3.1-2
    7.4.3-5 7.5.1-2 7.6.1-2 8.1.2 8.2.3 8.4.1 9.2.2-4 10.1.1-2 10.2.1-2 10.3.1-4 10.4.6-11 10.5.1-5 10.6.1-2 10.7.1-3
    11.1.1-2 11.2.1-3 11.3.3 11.4.2-4 11.5.1 11.6.1 12.1.2-3 12.3.1-4 13.1.1 13.2.1-5 13.3.1-2 13.4.2-5 14.1.1-2
    14.2.2-4 14.3.2-3 15.1.2-3 15.2.2-3 15.3.2-7 16.1.1 16.2.1-5 16.3.1-4 16.4.1-3 16.5.1-3 17.1.1 17.2.1-4 17.3.1-2""",
}
ROW = re.compile(r"\| (\d+\.\d+\.\d+) \| ([12]) \| [^|]+ \| (held|otherwise|not here|not yet) \| ([^|]+) \|")
NAMED = re.compile(r"`([\w./-]+\.(?:py|md|toml|txt))(?:::(\w+))?`")
ROWS = [match.groups() for match in map(ROW.fullmatch, PAGE.splitlines()) if match]
SOURCES = [
    file
    for top in ("contracts", "chassis", "mailing", "pages", "services", "suite")
    for file in (ROOT / top).rglob("*.py")
    if "src" in file.relative_to(ROOT).parts
]


def numbers(text: str) -> Iterator[str]:
    for part in text.split():
        section, _, last = part.rpartition(".")
        first, _, end = last.partition("-")
        yield from (f"{section}.{at}" for at in range(int(first), int(end or first) + 1))


@cache
def files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    return [Path(line) for line in listed.stdout.decode().splitlines()]


def found(name: str, test: str | None) -> list[Path]:
    """Return the files that a path means, or a part of it: its folders in their order, and its last name."""
    if Path(name) in files():
        return [Path(name)]
    *folders, last = name.split("/")
    result: list[Path] = []
    for file in files():
        parts = iter(part.replace("_", "-") for part in file.parts)
        if file.name == last and all(folder.replace("_", "-") in parts for folder in folders):
            result.append(file)
    if test is None:
        return result
    return [file for file in result if re.search(rf"def {test}\(", (ROOT / file).read_text())]


@pytest.mark.parametrize("level", LEVELS)
def test_every_number_stands_once(level: int):
    assert Counter(number for number, of, *_ in ROWS if of == str(level)) == Counter(numbers(LEVELS[level]))


def test_every_line_of_a_table_is_a_row_and_all_are_counted():
    assert len(ROWS) == len([line for line in PAGE.splitlines() if re.match(r"\| \d", line)])
    counts = Counter(state for _, _, state, _ in ROWS)
    shown = ", ".join(f"{counts[state]} {state}" for state in ("held", "otherwise", "not here", "not yet"))
    assert f"**{shown}.**" in PAGE


def test_what_is_named_exists():
    named = [(number, *match) for number, _, _, how in ROWS for match in NAMED.findall(how)]
    named += [("measures", *match) for match in NAMED.findall(MEASURES)]
    wrong = [(number, name, test) for number, name, test in named if len(found(name, test or None)) != 1]
    assert not wrong


def test_what_is_held_names_what_holds_it():
    assert not [number for number, _, state, how in ROWS if state == "held" and not re.search(r"`|as \d", how)]


def test_what_is_not_yet_names_its_issue():
    assert not [number for number, _, state, how in ROWS if state == "not yet" and not re.search(r"\b[CDEFG]\b", how)]


def test_nothing_runs_what_it_reads():
    forbidden = {"eval", "exec", "pickle", "marshal", "shelve", "subprocess", "xml"}
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.id] if isinstance(node, ast.Name) else []
            if isinstance(node, ast.Import | ast.ImportFrom):
                modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                names = [module.partition(".")[0] for module in modules]
            assert not forbidden.intersection(names), file


def test_only_clients_speak_to_the_outside_and_whom_their_settings_name():
    speaking = re.compile(
        r"\bClientSession\(|aiohttp\.request|urlopen|^(?:import|from) (?:stripe|obstore|aiosmtplib)\b", re.M
    )
    rooms = {str(file.relative_to(ROOT)) for file in SOURCES if speaking.search(file.read_text())}
    others = {f"chassis/src/chassis/{room}" for room in ("service/running.py", "doctor/accounts.py")}
    others |= {"chassis/src/chassis/storage/shelf.py", "mailing/src/mailing/server.py", "pages/src/pages/upstream.py"}
    assert not [file for file in rooms if "/clients/" not in file and file not in others]


def test_only_a_function_of_pages_sets_cookies():
    setting = {file.parent for file in SOURCES if re.search(r"\.set_cookie|Set-Cookie", file.read_text())}
    assert setting == {ROOT / "pages" / "src" / "pages"}


def test_no_certificate_goes_unchecked():
    ways = re.compile(r"CERT_NONE|check_hostname|_create_unverified|validate_certs|(ssl|verify)=False")
    assert not [file for file in SOURCES if ways.search(file.read_text())]
