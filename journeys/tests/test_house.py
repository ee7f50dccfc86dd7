"""The rules of the house that no linter knows."""

import ast
import importlib
import inspect
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
import typer
from chassis.config.provision import Provision
from chassis.service import CommandLine, Service
from chassis.web.routes import admits_staff
from contracts.event import Event
from contracts.topics import PUBLISHED_BY_SEVERAL, published_by
from stack.services import SERVICES

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
PYTHON = sorted(
    file
    for top in (
        "contracts",
        "chassis",
        "mailing",
        "pages",
        "chassis-testing",
        "services",
        "suite",
        "local",
        "doubles",
        "journeys",
        "benchmarks",
    )
    for file in (ROOT / top).rglob("*.py")
)
IMPURE = {"asyncio", "socket", "urllib", "http", "os", "subprocess", "sqlite3"}
# a library may calculate by a published rule: check digits of creditor references (ISO 11649), a password's guesses,
# what numbers are assigned (E.164), what a file is by its first bytes, which text can be read on a colour (WCAG)
CALCULATING = {"chassis.looks", "mailing.texts", "phonenumbers", "puremagic", "stdnum", "zxcvbn"}
PURE = (frozenset(sys.stdlib_module_names) - IMPURE) | CALCULATING
FORBIDDEN_FOLDERS = {"utils", "common", "helpers", "base", "manager"}
# names that a newcomer cannot look up; docs/glossary.md has the words instead
PRIVATE = {"say", "said", "tell", "told", "hear", "heard", "bury", "errand", "errands", "insist", "wish", "stranger"}
# what a linter or pyright is not to look at, with the reason
LET_PASS = re.compile(r"#\s*(?:noqa|type: ignore|pyright: ignore)")
REASONED = re.compile(r"# (?:noqa: [A-Z]+[0-9]+|pyright: ignore\[[A-Za-z, ]+\]) -- \w.+")
BUSINESS = ("customer", "invoice", "refund", "voucher", "licence", "coupon", "download", "shop ")


def rooms(package: Path) -> set[str]:
    return {entry.stem for entry in package.iterdir() if entry.suffix == ".py" or entry.is_dir()}


def package_of(name: str) -> Path:
    return ROOT / "services" / name / "src" / name.replace("-", "_")


def test_no_python_file_has_more_than_300_lines():
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in PYTHON}
    assert not {name: length for name, length in lengths.items() if length > 300}


def test_what_a_linter_is_to_let_pass_has_a_reason():
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in PYTHON
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if LET_PASS.search(line) and not REASONED.search(line)
    ]
    assert not found


@pytest.mark.parametrize("service", [service.name for service in SERVICES])
def test_a_domain_is_pure(service: str):
    package = package_of(service)
    files = [*package.glob("domain.py"), *package.glob("domain/**/*.py")]
    assert files
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert {name, name.split(".")[0]} & PURE or name.startswith(f"{package.name}.domain"), f"{file}: {name}"


@pytest.mark.parametrize("service", [service.name for service in SERVICES])
def test_every_service_has_the_same_rooms_and_says_what_it_is(service: str):
    there = rooms(package_of(service))
    assert {
        "__init__",
        "__main__",
        "doors",
        "settings",
        "web",
        "usecases",
        "store",
        "domain",
        "migrations",
    } <= there
    readme = (ROOT / "services" / service / "README.md").read_text()
    assert not [word for word in ("Owns", "Consumes", "Publishes", "Answers") if word not in readme]
    project = tomllib.loads((ROOT / "services" / service / "pyproject.toml").read_text())["project"]
    assert project["name"] == f"kontor-{service}"


def test_no_folder_or_file_is_named_after_nothing():
    assert not [file for file in PYTHON if {*file.parts, file.stem} & FORBIDDEN_FOLDERS]


def test_time_is_asked_of_the_clock_only():
    clock = ROOT / "chassis" / "src" / "chassis" / "config" / "clock.py"
    for top in ("contracts", "chassis", "mailing", "pages", "services", "suite"):
        for file in (ROOT / top).glob("**/src/**/*.py"):
            asked = [call for call in ("datetime.now(", "utcnow(", "date.today(") if call in file.read_text()]
            assert file == clock or not asked, file


def test_the_chassis_names_no_business_thing():
    for file in (ROOT / "chassis" / "src").rglob("*"):
        if file.suffix in (".py", ".sql"):
            text = file.read_text().replace("PydanticCustomError", "").lower()
            assert not [word for word in BUSINESS if word in text], file


def test_sql_stands_in_the_store_only():
    for service in SERVICES:
        for file in package_of(service.name).rglob("*.py"):
            if "store" in file.parts or file.stem == "store":
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    start = node.value.strip().lower()
                    assert not start.startswith(("select ", "insert into", "update ", "delete from")), file


def test_the_services_that_publish_what_several_publish_are_those_that_the_contracts_name():
    several = {topic for topic, event in Event.ALL.items() if event.DECLARED.published_by == "several"}
    assert several == PUBLISHED_BY_SEVERAL.keys()
    # an erasure is confirmed by the chassis' reaction, or by what the event of the destroyed key returns
    ways = {event: {f"{event}("} for event in several}
    ways["ErasureConfirmed"] |= {".confirmed_by(", " ERASURE,"}
    # and the share of an export is published by the chassis
    ways["DataShareExported"] |= {" EXPORTS,"}
    for event, named in PUBLISHED_BY_SEVERAL.items():
        publishing = {
            path.relative_to(ROOT / "services").parts[0]
            for path in (ROOT / "services").glob("*/src/**/*.py")
            if any(way in path.read_text() for way in ways[event])
        }
        assert publishing == set(named)


class Collector(Provision):
    """Collects the functions that a service's reactions and jobs are made of."""

    def __init__(self) -> None:
        super().__init__(())
        self.functions: list[Callable[..., Any]] = []

    def of(self, kind: type[T], asked_by: str) -> T:
        return cast("T", None)

    def bind(self, function: Callable[..., T], *, given: int) -> Callable[..., T]:
        self.functions.append(function)
        return function


def handlers(service: Service[Any]) -> list[Callable[..., Any]]:
    """Return every function that a service calls for a request, an event or a job."""
    collector = Collector()
    service.reactions.bound(collector)
    for job in service.doors.jobs:
        job.bound(collector)
    return [route.handler for route in service.routes.all] + collector.functions


def hidden(functions: list[Callable[..., Any]]) -> list[str]:
    """Return those that are no functions of a module: closures, lambdas, methods, partials."""
    plain = [function for function in functions if inspect.isfunction(function)]
    named = [function for function in plain if function.__qualname__ == function.__name__ != "<lambda>"]
    return [repr(function) for function in functions if function not in named]


@pytest.mark.parametrize("package", [service.package for service in SERVICES])
def test_a_handler_is_a_function_of_a_module(package: str):
    found = handlers(importlib.import_module(f"{package}.__main__").service)
    assert found
    assert not hidden(found)


def test_a_handler_in_a_function_or_a_class_is_found():
    def closure() -> None: ...

    assert len(hidden([closure, lambda: None, Collector().of, package_of])) == 3


def names(tree: ast.AST) -> Iterator[str]:
    """Yield every name that a file gives or uses."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.alias():
                yield node.name
            case ast.arg() | ast.keyword():
                yield node.arg or ""
            case ast.Name():
                yield node.id
            case ast.Attribute():
                yield node.attr
            case _:
                pass


def test_no_name_is_of_a_private_language():
    sources = [file for file in PYTHON if "src" in file.parts]
    found = {
        str(file.relative_to(ROOT)): words
        for file in sources
        if (words := {name.strip("_").lower() for name in [file.stem, *names(ast.parse(file.read_text()))]} & PRIVATE)
    }
    assert not found


def test_services_use_only_what_the_folders_of_the_chassis_export():
    deep = [
        f"{file.relative_to(ROOT)}: {node.module}"
        for file in PYTHON
        if "src" in file.parts and file.relative_to(ROOT).parts[0] in {"services", "suite"}
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chassis.")
        if (node.module or "").count(".") > 1
    ]
    assert not deep


@pytest.mark.parametrize("package", [service.package for service in SERVICES])
def test_whatever_staff_may_do_is_done_in_a_transaction_that_has_their_act(package: str):  # PLT-19
    service = importlib.import_module(f"{package}.__main__").service
    acting = [route for route in service.routes.all if admits_staff(route) and route.method != "GET"]
    assert acting
    assert not [route.name for route in acting if not (route.tx or "begin" in route.given.values())]


def test_only_the_chassis_opens_a_database():  # so that commands and handlers have no way past the audit log, PLT-19
    opened = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in PYTHON
        if "src" in file.parts and file.relative_to(ROOT).parts[0] in {"services", "suite"}
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"Database", "asyncpg.connect", "asyncpg.create_pool"}
    ]
    assert not opened


def parameters(command: Any) -> Iterator[Any]:
    """Yield the parameters of a command and of all below it."""
    yield from command.params
    for below in getattr(command, "commands", {}).values():
        yield from parameters(below)


@pytest.mark.parametrize("package", [service.package for service in SERVICES])
def test_the_terminal_can_refuse_a_tenant_that_nobody_opened(package: str):
    # it looks at the parameter `tenant` and at the tenants that the service knows
    service = importlib.import_module(f"{package}.__main__").service
    assert "TenantOpened" in {*service.reactions.topics, *published_by(service.name)}
    named = {
        str(parameter.name)
        for parameter in parameters(typer.main.get_command(CommandLine(service).app()))
        if "tenant" in " ".join([str(parameter.name), *parameter.opts]).lower()
    }
    assert named <= {"tenant"}
