"""The commands that every service has, for all services or those that are named, one after another."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

import typer
from chassis.service import CommandLine, Service, program
from contracts.topics import SERVICES

from kontor.services import service_of

PASSED: Final = {
    "topics": "Print or make the topics that services need; as options of kafka-topics.",
    "acls": "Print what the broker must let services do, as options of kafka-acls.",
    "lag": "Print how many records wait to be consumed.",
    "outbox": "Events that are not published yet: list, retry.",
    "parked": "Events that wait to be tried again: list.",
    "dead": "Events that cannot be handled as they are: list, replay, discard.",
    "gaps": "Partitions that stand still, for records of them are gone: list, accept.",
    "backup": "Whether copies of the databases would do (check), and going on from them (restored).",
    "audit": "What staff and operators did and read: list, verify.",
}
ALONE: Final = {"topics", "acls", "lag"}
ONE_BY_ONE: Final = {"retry", "replay", "discard", "accept"}
"""What they change is known by ids that each service gives by itself."""
EXAMPLE: Final = "Example:  kontor {} {}orders payments; COMMAND --help tells what a command takes."


def complete(context: typer.Context, begun: str) -> list[str]:
    """Return the words that begin so: what a service's own command takes next, and services."""
    groups: dict[str, Any] = getattr(_command(service_of(SERVICES[0])), "commands", {})
    own = getattr(groups.get(context.info_name or ""), "commands", {})
    return [word for word in (*own, *SERVICES) if word.startswith(begun)]


Words = Annotated[
    list[str] | None, typer.Argument(metavar="[COMMAND] [SERVICES]... [OPTIONS]", autocompletion=complete)
]


def pass_on(app: typer.Typer) -> None:
    """Give a program the commands that services have.

    A service prints what it prints by itself, after its name on standard error where there are several; the exit code
    is the highest. What changes something by an id wants the service named.
    """
    for command, text in PASSED.items():
        app.command(
            command,
            help=text,
            epilog=EXAMPLE.format(command, "" if command in ALONE else "COMMAND "),
            add_help_option=False,
            context_settings={"ignore_unknown_options": True},
        )(_to_services(command))


def _to_services(command: str) -> Callable[..., None]:
    def run(context: typer.Context, words: Words = None) -> None:
        if words == ["--help"]:
            typer.echo(context.get_help())
            return
        named = dict.fromkeys(word for word in words or () if word in SERVICES)
        rest = [word for word in words or () if word not in SERVICES]
        if not named and ONE_BY_ONE.intersection(rest):
            raise typer.BadParameter(f"name the service that this is for: {', '.join(SERVICES)}")
        chosen = list(named or SERVICES)[: 1 if "--help" in rest else None]
        raise typer.Exit(max(_one(service_of(name), [command, *rest], of=len(chosen)) for name in chosen))

    return run


def _one(service: Service[Any], words: Sequence[str], of: int) -> int:
    if of > 1:
        typer.secho(service.name, bold=True, err=True)
    try:
        return _command(service).main(list(words), prog_name="kontor", standalone_mode=False) or 0
    except program.FAILURES as error:
        typer.echo(f"{service.name}: {program.sentence(error)}", err=True)
        return 1


def _command(service: Service[Any]) -> Any:
    return typer.main.get_command(CommandLine(service).app())
