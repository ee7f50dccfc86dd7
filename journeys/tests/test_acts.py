"""Whatever staff and operators do has a sentence in the audit log of the Work Center, in both languages."""

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from chassis.service import CommandLine
from chassis.web.routes import Route, admits_staff
from stack.services import SERVICES
from workcenter.domain.acts import EVERY, WHAT, sentence

from pages import words

# commands that change nothing and read nothing sealed
LOOKING = {
    "acls",
    "audit list",
    "audit verify",
    "backup check",
    "dead list",
    "dns",
    "doctor",
    "erasures",
    "gaps list",
    "health",
    "keys list",
    "lag",
    "outbox list",
    "parked list",
    "partner list",
    "partner objects",
    "serve",
    "shop list",
    "signing-keys list",
    "topics",
}
SENTENCES = {language: found["acts"] for language, found in words.read("workcenter").items()}


def acts_of(route: Route) -> bool:
    """Whether a route writes, or records a reading, for staff."""
    return admits_staff(route) and bool(route.tx or "begin" in route.given.values())


def commands(command: Any, named: tuple[str, ...] = ()) -> Iterator[str]:
    for name, part in getattr(command, "commands", {}).items():
        yield from commands(part, (*named, name))
    if not hasattr(command, "commands"):
        yield " ".join(named)


def acts() -> set[tuple[str, str]]:
    """All acts of all services, as their routes and commands are declared."""
    found: set[tuple[str, str]] = set()
    for one in SERVICES:
        service = importlib.import_module(f"{one.package}.__main__").service
        found |= {(service.name, f"{route.method} {route.path}") for route in service.routes.all if acts_of(route)}
        program = typer.main.get_command(CommandLine(service).app())
        found |= {(service.name, name) for name in commands(program) if name not in LOOKING}
    return found


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_each_act_has_a_sentence(language: str):
    assert len(acts()) > 200
    assert {act for act in acts() if not sentence(SENTENCES[language], *act)} == set()


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_each_sentence_is_of_an_act_that_there_is(language: str):
    known = acts()
    of_any = {operation for _, operation in known}
    worded = {(service, operation) for service, found in SENTENCES[language].items() for operation in found}
    assert {(service, name) for service, name in worded if service == EVERY and name not in of_any} == set()
    assert {one for one in worded if one[0] != EVERY and one not in known} == set()


def test_both_languages_name_what_an_act_is_about_in_the_same_sentences():
    names = {
        language: {
            (service, name) for service, found in SENTENCES[language].items() for name in found if WHAT in found[name]
        }
        for language in words.LANGUAGES
    }
    assert names["de"] == names["en"]
