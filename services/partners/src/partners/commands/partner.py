"""What operators do: open partners and close them, send them examples or the past again."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import orjson
import typer
from chassis.db import Begin, Tx
from chassis.lists import FileRefused, moment
from chassis.refusals import sentence
from chassis.service import Terminal

from contracts import partner_events
from partners.commands import file as files
from partners.commands import objects, passwords
from partners.domain.access import user_of
from partners.domain.partner import Partner, PartnerClosed, PartnerOfAnother, PartnerUnknown, TenantUnknown
from partners.settings import Settings
from partners.store import accesses, partners
from partners.usecases import partnering
from partners.usecases.partnering import Opened
from partners.usecases.vault import Vault

T = TypeVar("T")
File = Annotated[Path, typer.Option(exists=True, dir_okay=False, readable=True, help="The partner, as YAML.")]
SecretFile = Annotated[Path | None, typer.Option(help="Write the password into this new file; do not show it.")]
Cluster = Annotated[str, typer.Option(help="The Strimzi cluster (strimzi.io/cluster).")]
Since = Annotated[str, typer.Option(help="A moment with its offset, such as 2026-11-02T12:00:00Z.")]
Events = Annotated[list[str] | None, typer.Option(help="Which, such as OrderPaid; all if left out. May be repeated.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, for programs.")]
KAFKA_SECONDS = 15
REFUSALS = (PartnerUnknown, PartnerClosed, PartnerOfAnother, TenantUnknown)


def commands(terminal: Terminal[Settings]) -> typer.Typer:
    """Return the commands beside those that every service has."""
    app = typer.Typer()
    app.add_typer(_partner(terminal), name="partner", help="Who reads events outside.")
    return app


def _partner(terminal: Terminal[Settings]) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True)

    @app.callback()
    def about() -> None:
        """Who reads events outside."""

    @app.command("open")
    def open_(file: File, secret_file: SecretFile = None, *, json: AsJson = False) -> None:
        """Let a partner read what its file says, with a new password, shown once; an open one keeps its own.

        Repeated, it changes the channels, or nothing.
        """
        passwords.check(secret_file)
        settings = terminal.settings
        try:
            wanted = files.read(file.read_bytes())
        except FileRefused as refused:
            raise _refuse(*(f"{file}:{fault}" for fault in refused.faults)) from None
        password = passwords.new_password() if settings.kafka_access else None
        vault = Vault.from_file(settings.partner_key_file)
        facts = wanted.id, wanted.tenant, wanted.channels, password, vault
        with passwords.handing_over(password, secret_file), _refusals():
            done = _transact(terminal, lambda tx: partnering.open_partner(tx, *facts))
        if password and secret_file and done is not Opened.NEW:
            secret_file.unlink()  # it keeps the one it has
        words = {Opened.NEW: "is open now", Opened.CHANGED: "has other channels now", Opened.SAME: "stays as it is"}
        shown = password if secret_file is None and done is Opened.NEW else None
        more = _credentials(settings, wanted.id, shown)
        _answer(wanted.id, words[done], done=done is not Opened.SAME, json=json, **more)
        _wait_for_kafka(terminal, wanted.id)

    @app.command()
    def rotate(id: str, secret_file: SecretFile = None, *, json: AsJson = False) -> None:  # noqa: A002 -- what the help shows
        """Give a partner another password, shown once; with the old one nobody signs in any more."""
        passwords.check(secret_file)
        settings = terminal.settings
        if not settings.kafka_access:
            raise _refuse("Here others make the users of Kafka (KAFKA_ACCESS=false), and so their passwords.")
        password, vault = passwords.new_password(), Vault.from_file(settings.partner_key_file)
        with passwords.handing_over(password, secret_file), _refusals():
            _transact(terminal, lambda tx: partnering.rotate(tx, id, password, vault))
        shown = password if secret_file is None else None
        _answer(id, "has another password now", done=True, json=json, **_credentials(settings, id, shown))
        _wait_for_kafka(terminal, id)

    @app.command("objects")
    def objects_(id: str, cluster: Cluster) -> None:  # noqa: A002 -- what the help shows
        """Print the access of a partner as Strimzi's objects: a KafkaUser, and a KafkaTopic for each topic."""
        settings = terminal.settings
        with _refusals():
            _transact(terminal, lambda tx: partnering.opened(tx, id))
        typer.echo(objects.objects(id, settings.topic_prefix, cluster, settings.partner_bytes_per_second))

    @app.command()
    def close(id: str, *, json: AsJson = False) -> None:  # noqa: A002 -- what the help shows
        """Let a partner read nothing any more."""
        with _refusals():
            done = _transact(terminal, lambda tx: partnering.close(tx, id))
        _answer(id, "is closed now" if done else "was closed and stays so", done=done, json=json)
        _wait_for_kafka(terminal, id)

    @app.command("list")
    def list_(tenant: str | None = None, *, json: AsJson = False) -> None:
        """Show the partners, of one tenant or of all, and what cannot be done for them."""
        faults = _transact(terminal, accesses.faults)
        for one in _transact(terminal, lambda tx: partners.list_of(tx, tenant)):
            typer.echo(_line(one, faults.get(one.id), json=json))

    @app.command()
    def replay(id: str, since: Since, *, json: AsJson = False) -> None:  # noqa: A002 -- what the help shows
        """Send a partner what it may see since a moment again, in order, with the ids it had."""
        try:
            begins = moment(since)
        except ValueError as fault:
            raise _refuse(f"--since {fault}.") from None
        with _refusals():
            _transact(terminal, lambda tx: partnering.send_again(tx, id, begins))
        _answer(id, f"is sent again what was since {begins:%Y-%m-%d %H:%M:%S} UTC", done=True, json=json)

    @app.command()
    def test(id: str, event: Events = None, *, json: AsJson = False) -> None:  # noqa: A002 -- what the help shows
        """Send a partner examples of events to its topic for tests."""
        known = partner_events()
        if unknown := sorted({*(event or ())} - known.keys()):
            raise _refuse(f"Partners are not sent {', '.join(unknown)}; there are {', '.join(known)}.")
        examples = [known[name] for name in event or known]
        with _refusals():
            _transact(terminal, lambda tx: partnering.send_examples(tx, id, examples))
        many = f"{len(examples)} examples" if len(examples) > 1 else f"an example of {examples[0].DECLARED.topic}"
        _answer(id, f"is sent {many}", done=True, json=json)

    return app


def _transact(terminal: Terminal[Settings], work: Callable[[Tx], Awaitable[T]]) -> T:
    async def transacted(begin: Begin) -> T:
        async with begin() as tx:
            return await work(tx)

    return terminal.run(transacted)


def _wait_for_kafka(terminal: Terminal[Settings], id_: str) -> None:
    """Wait until Kafka knows it, which is the work of the service; print why it may not yet after KAFKA_SECONDS."""
    if not terminal.settings.kafka_access:
        return

    async def known(begin: Begin) -> tuple[bool, str | None]:
        done, why = False, None
        for _ in range(KAFKA_SECONDS * 10):
            async with begin() as tx:
                done, why = await accesses.applied(tx, id_)
            if done:
                break
            await asyncio.sleep(0.1)
        return done, why

    done, why = terminal.run(known)
    if not done and why is not None:
        typer.echo(
            f"Kafka does not know it yet: {why}. It is tried again and again; `partner list` shows it.", err=True
        )
    elif not done:
        typer.echo("Kafka does not know it yet, and will once partners serves and reaches it: see `doctor`.", err=True)


@contextmanager
def _refusals() -> Generator[None]:
    try:
        yield
    except REFUSALS as refusal:
        raise _refuse(sentence(type(refusal))) from None


def _refuse(*sentences: str) -> typer.Exit:
    for one in sentences:
        typer.echo(one, err=True)
    return typer.Exit(1)


def _answer(id_: str, words: str, *, done: bool, json: bool, **more: str) -> None:
    if json:
        typer.echo(_json({"partner": id_, "done": done, **more}))
    else:
        typer.echo("\n".join([f"{id_} {words}", *(f"  {name}: {value}" for name, value in more.items())]))


def _credentials(settings: Settings, id_: str, password: str | None) -> dict[str, str]:
    if password is None:
        return {}
    return {"user": user_of(id_, settings.topic_prefix), "password": password}


def _line(partner: Partner, fault: tuple[str, int] | None, *, json: bool) -> str:
    reason, times = fault or (None, 0)
    if json:
        facts = {"partner": partner.id, "tenant": partner.tenant, "channels": partner.channels}
        state = {"state": partner.state, "since": partner.since, "behind": partner.replayed is not None}
        return _json({**facts, **state, "fault": reason, "tries": times})
    behind = "" if partner.replayed is None else "  is sent the past"
    wrong = "" if reason is None else f"  is put aside, tried {times} times: {reason}"
    channels = " ".join(partner.channels)
    return f"{partner.id}  {partner.tenant}  {channels}  {partner.state} since {partner.since:%Y-%m-%d}{behind}{wrong}"


def _json(facts: dict[str, object] | Sequence[object]) -> str:
    return orjson.dumps(facts).decode()
