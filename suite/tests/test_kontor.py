"""One process reads the settings of each service, and ends where one cannot start."""

import json
import os
import re
import socket
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from chassis.service import CommandLine
from contracts.topics import SERVICES
from kontor.__main__ import app
from kontor.passing import PASSED
from kontor.services import prefix_of
from typer.testing import CliRunner, Result

ROOT = Path(__file__).parents[2]
COMMAND = re.compile(r"python -m (<service>|\w+)((?: [a-z][a-z-]*)+)")
# Nobody answers there: a service starts all the same, and waits.
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
# What Kubernetes calls variables by which pods find services; `SMTP_PORT` and the like are told by their values.
SERVICE_LINK = re.compile(r"_(SERVICE_HOST|SERVICE_PORT.*|PORT_\d+_.*)$")


def kontor(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH")}
    command = [sys.executable, "-m", "kontor", *words]
    return subprocess.run(command, env=kept | environment, capture_output=True, text=True, check=False, timeout=120)


def invoked(*words: str, **environment: str) -> Result:
    """Return what comes of a command in this process, which starts no other."""
    return CliRunner().invoke(app, words, env=environment)


def test_missing_settings_of_all_services_are_named_with_their_prefix():
    done = invoked("serve", "orders", "letters", KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1", ORDERS_DATABASE_URL=NOWHERE)
    assert done.exit_code == 2
    orders, relay, hint = done.stderr.splitlines()
    assert orders.startswith("orders: set these variables in the environment: ORDERS_ACCOUNTS_URL, ")
    assert "LETTERS_DATABASE_URL" in relay
    assert "LETTERS_SMTP_HOST" in relay
    assert "KAFKA_BOOTSTRAP_SERVERS" not in orders + relay
    assert hint == "A variable without the prefix of a service counts for all services."


def test_a_service_that_is_not_there_is_an_error():
    done = invoked("serve", "oders")
    assert done.exit_code == 2
    assert "There is no service oders" in " ".join(done.stderr.replace("│", " ").split())


def test_an_operator_finds_what_there_is_and_what_each_service_can_do():
    assert "`services` tells" in " ".join(invoked("--help").stdout.split())
    secret = "postgresql://o:s3cret@127.0.0.1/o"
    listed = invoked("services", ORDERS_DATABASE_URL=secret, HTTP_PORT="9000", CATALOG_HTTP_PORT="9001")
    assert (listed.exit_code, listed.stderr, "s3cret" in listed.stdout) == (0, "", False)
    *lines, common = listed.stdout.splitlines()
    every = "serve|health|migrate|doctor|acls|topics|lag|outbox|parked|dead|gaps|backup|audit"
    assert common == f"Every service has besides: {every}"
    assert tuple(lines[::4]) == SERVICES
    orders, catalog = lines.index("orders"), lines.index("catalog")
    assert lines[orders + 1].startswith("  Orders: what was ordered")
    assert lines[orders + 2] == "  commands: python -m orders --help"
    assert lines[catalog + 2] == "  commands: python -m catalog load"
    assert lines[orders + 3] == "  settings: ORDERS_HTTP_PORT 9000, ORDERS_ADMIN_PORT 8081, ORDERS_DATABASE_URL (set)"
    assert lines[catalog + 3].startswith("  settings: CATALOG_HTTP_PORT 9001,")
    assert lines[catalog + 3].endswith("CATALOG_DATABASE_URL (not set)")


def test_no_variable_of_one_service_means_something_to_another():
    fields = {name: import_module(f"{name.replace('-', '_')}.settings").Settings.model_fields for name in SERVICES}
    plain = {field.upper() for of_service in fields.values() for field in of_service}
    prefixed = [prefix_of(name) + field.upper() for name, of_service in fields.items() for field in of_service]
    assert len({*prefixed}) == len(prefixed)
    assert not plain & {*prefixed}
    assert not [name for name in plain | {*prefixed} if SERVICE_LINK.search(name)]


def test_a_service_that_cannot_start_is_named_and_ends_them_all(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        taken = str(squatter.getsockname()[1])
        done = kontor(
            *("serve", "catalog", "orders"),
            DATABASE_URL=NOWHERE,
            KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1",
            ACCOUNTS_URL="http://127.0.0.1:1",
            PUBLIC_URL="http://127.0.0.1:1",
            SERVICE_SECRET_FILE=str(secret),
            HTTP_PORT="0",
            ADMIN_PORT="0",
            ORDERS_HTTP_PORT=taken,
        )
    assert done.returncode == 1
    assert "catalog serves on http://127.0.0.1:" in done.stderr
    logged = [json.loads(line) for line in done.stdout.splitlines()]
    (failed,) = [line for line in logged if line["severity"] == "FATAL"]
    assert (failed["service.name"], failed["body"], failed["port"]) == ("orders", "the service failed", int(taken))
    assert failed["exception"]["type"] == "OSError"
    assert "orders: [Errno 98]" in done.stderr


def test_a_database_or_a_file_that_is_not_there_is_told_in_a_sentence(tmp_path: Path):
    common = {
        "DATABASE_URL": NOWHERE,
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "ACCOUNTS_URL": "http://127.0.0.1:1",
        "PUBLIC_URL": "http://127.0.0.1:1",
        "SERVICE_SECRET_FILE": str(tmp_path / "nothing"),
        "HTTP_PORT": "0",
        "ADMIN_PORT": "0",
    }
    away = kontor("migrate", "catalog", **common)
    assert away.returncode == 1
    assert away.stderr == (
        "kontor: the database cannot be reached. Look at DATABASE_URL, and whether PostgreSQL runs there.\n"
    )
    missing = kontor("serve", "catalog", **common)
    assert missing.returncode == 1
    assert f"catalog: {tmp_path / 'nothing'}: No such file or directory." in missing.stderr


def test_PLT_13_a_setting_that_is_wrong_is_told_without_what_it_is():
    secret = "postgresql://o:s3cret/y@127.0.0.1:5432/x"
    told = [
        invoked("broker", KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1", TOPIC_PARTITIONS="s3cret"),
        invoked("databases", "--passwords", "/nowhere", DATABASE_URL=secret),
        invoked("health", "catalog", DATABASE_URL=secret),
    ]
    for done, name in zip(told, ("TOPIC_PARTITIONS", "DATABASE_URL", "CATALOG_DATABASE_URL"), strict=True):
        assert (done.exit_code, name in done.stderr, "s3cret" in done.output) == (2, True, False), (
            done.output,
            done.exception,
        )


def test_the_version_is_shown():
    done = kontor("--version")
    assert (done.returncode, done.stdout.split()[0]) == (0, "kontor")


def test_a_command_of_services_is_for_all_of_them_or_those_that_are_named():
    given = dict.fromkeys(("KAFKA_BOOTSTRAP_SERVERS", "SERVICE_SECRET_FILE", "SMTP_HOST"), "x") | {
        "DATABASE_URL": NOWHERE,
        "ACCOUNTS_URL": "http://127.0.0.1:1",
        "PUBLIC_URL": "http://127.0.0.1:1",
    }
    shown = invoked("topics", "orders", "catalog", **given, CATALOG_TOPIC_PREFIX="here.")
    assert " OrderPlaced " in shown.stdout
    assert " here.ProductPublished " in shown.stdout
    assert "RewardRedeemed" not in shown.stdout
    away = invoked("parked", "list", "orders", "catalog", **given)
    assert (away.exit_code, away.stdout) == (1, "")
    assert [line.partition(":")[0] for line in away.stderr.splitlines()] == ["orders", "orders", "catalog", "catalog"]
    for words in (("gaps", "accept", "3"), ("dead", "replay", "--all")):
        refused = invoked(*words, **given)
        assert refused.exit_code == 2, "an id is one service's own"
        assert "name the service that this is for" in " ".join(refused.stderr.split())


# what the script does that an installer makes of [project.scripts]
SCRIPT = """
import sys
from importlib.metadata import EntryPoint
sys.argv = sys.argv[1:]
EntryPoint(*sys.argv, "").load()()
"""


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("kontor ser", ["serve", "services"]),
        ("kontor dead re", ["replay", "rewards"]),
        ("kontor-letters dead re", ["replay"]),
    ],
)
def test_the_shell_completes_commands_and_services(words: str, completed: list[str]):
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    (program, *_), count = words.split(), len(words.split())
    variable = f"_{program.replace('-', '_').upper()}_COMPLETE"
    asked = {variable: "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(count - 1)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, program, scripts[program]],
        env=os.environ | asked,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == completed


def test_what_a_runbook_says_to_do_can_be_done():
    pages = [file.read_text() for file in (ROOT / "docs" / "runbooks").glob("*.md")]
    wanted = [found for page in pages for found in COMMAND.findall(page) if found[0] not in {"stack", "journeys"}]
    assert len(wanted) > 5
    for module, words in wanted:
        for name in SERVICES if module == "<service>" else [module]:
            assert has(name, words.split()), f"python -m {name}{words}"


def has(name: str, words: list[str]) -> bool:
    """Return whether a program has this command; what `kontor` passes on is each service's."""
    if name == "kontor" and words[0] in PASSED:
        return has("orders", [word for word in words if word not in SERVICES])
    program = import_module(f"{name.replace('-', '_')}.__main__")
    command: Any = typer.main.get_command(program.app if name == "kontor" else CommandLine(program.service).app())
    for word in words:
        command = getattr(command, "commands", {}).get(word)
    return command is not None
