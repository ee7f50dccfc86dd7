"""The stack's commands: `python -m stack up`."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from stack import kafka, overview, readiness
from stack.errors import StackError
from stack.services import chosen, importable
from stack.stack import LIBRARIES, ROOT, Stack, Topics

Home = Annotated[Path, typer.Option(help="The directory below which everything lives.")]
Processes = Annotated[Literal["one", "each"], typer.Option(help="All services in one process, or one for each.")]
MAIN = ROOT / ".local" / "main"

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Kontor on one machine.")
clock = typer.Typer(no_args_is_help=True, help="The services' clock.")
app.add_typer(clock, name="clock")


@app.command()
def up(
    home: Home = MAIN,
    fresh: Annotated[bool, typer.Option(help="Start with empty data.")] = False,
    services: Annotated[str, typer.Option(help="Names with commas between, or none, or all.")] = "all",
    durable: Annotated[bool, typer.Option("--durable/--not-durable", help="Survive a crash of the machine.")] = True,
    processes: Processes = "each",
    doubles: Annotated[bool, typer.Option(help="Run mail catcher and payment provider.")] = True,
    topics: Annotated[bool, typer.Option(help="Create the topics of all events.")] = True,
) -> None:
    """Start everything that does not run, in the background, and wait until it is ready."""
    started = time.monotonic()
    names = None if services == "all" else [name for name in services.split(",") if name != "none"]
    stack = Stack(
        home,
        durable=durable,
        one_process=processes == "one",
        doubles=doubles,
        topics=_topics() if topics else None,
        report=print,
    )
    state = stack.up(fresh=fresh, services=names)
    print(
        f"up after {time.monotonic() - started:.1f} s; addresses: {stack.home / 'state.json'}; mail: {state.mail_url}"
    )


@app.command()
def tools() -> None:
    """Look for Java and Maven, and fetch Kafka unless it is there."""
    kafka.require_tools(LIBRARIES)
    kafka.fetch(LIBRARIES)


@app.command()
def down(home: Home = MAIN) -> None:
    """Stop everything; the data stays in the directory below which everything lives."""
    Stack(home, report=print).down()


@app.command()
def status(home: Home = MAIN) -> None:
    """Show what runs."""
    conditions = Stack(home).status()
    if not conditions:
        print("nothing runs")
        raise typer.Exit(1)
    overview.show(Stack(home).state, conditions)


@app.command()
def kill(service: str, home: Home = MAIN) -> None:
    """Kill a program with SIGKILL; it is started again at once."""
    Stack(home).kill(service)


@app.command()
def start(service: str, home: Home = MAIN) -> None:
    """Start a program that was stopped and wait until it is ready."""
    Stack(home).start(service)


@app.command()
def stop(service: str, home: Home = MAIN) -> None:
    """Stop a program until it is started again."""
    Stack(home).stop(service)


@clock.command()
def shift(seconds: float, home: Home = MAIN) -> None:
    """Move the services' clock forward."""
    print(f"the clock is {Stack(home).shift_clock(seconds):g} s ahead")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def run(context: typer.Context, service: str, home: Home = MAIN) -> None:
    """Run a command of a service with its settings of this stack, such as  run payments dead list."""
    if service == "--help":
        print(context.get_help())
        raise typer.Exit
    stack = Stack(home)
    state = stack.state if "--help" in context.args else stack.running
    raise typer.Exit(readiness.run_here(chosen([service])[0], context.args, state))


@app.command()
def logs(
    service: Annotated[str, typer.Argument(help="A program; all of them if left out.")] = "",
    home: Home = MAIN,
    follow: Annotated[bool, typer.Option("--follow", "-f")] = False,
    lines: int = 40,
) -> None:
    """Show the end of the logs."""
    stack = Stack(home)
    files = [stack.log(service)] if service else sorted((stack.home / "logs").glob("*.log"))
    if not files or not files[0].exists():
        raise StackError(f"There is no log {files[0] if files else stack.home / 'logs'}.")
    subprocess.run(["tail", f"-n{lines}", *(["-F"] if follow else []), *map(str, files)], check=False)


def _topics() -> Topics | None:
    # imported only when topics are needed, because the registry imports pydantic
    if not importable("contracts"):
        return None

    def declared() -> list[tuple[str, int]]:
        import contracts

        registry: Any = contracts
        return [(topic.name, topic.retention_ms) for topic in registry.topics()]

    return declared


def main() -> None:
    """Run a command; print what is wrong without a traceback."""
    try:
        app()
    except StackError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
