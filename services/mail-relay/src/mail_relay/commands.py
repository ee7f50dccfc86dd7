"""The operator's commands: the keys that mail is signed by, and what has to stand in DNS."""

import asyncio
from typing import Annotated

import typer
from chassis.config import Clock
from chassis.service import Terminal
from mailing.keys import KINDS, KeyDirectory, Phase, StoredKey
from mailing.resolver import Resolver, Unanswered
from mailing.signing import Signer, UnusableKey, dns_records, key_records, public_record

from mail_relay.settings import Settings

Host = Annotated[str, typer.Option(help="The mail server in front of the relay, to which others send.")]
Senders = Annotated[
    list[str] | None,
    typer.Option("--sender", help="What else sends for the domains: a host, or include:NAME. May be repeated."),
]
Reports = Annotated[str, typer.Option(help="Who gets the reports about DMARC; postmaster of the host unless named.")]
NO_NEXT, NO_FORMER = "there is no next key", "there is no former key"
Unasked = Annotated[bool, typer.Option("--unasked", help="Do not ask DNS whether the next keys stand there.")]


def commands(terminal: Terminal[Settings]) -> typer.Typer:
    """Commands beside those that every service has."""
    app = typer.Typer()
    keys = typer.Typer(no_args_is_help=True)
    app.add_typer(keys, name="keys", help="Keys that mail is signed by (DKIM).")

    @app.command()
    def dns(host: Host, reports: Reports = "", senders: Senders = None) -> None:
        """Print what has to stand in DNS for the domains of the aliases, as lines of a zone file."""
        settings = terminal.settings
        server = host.rstrip(".").lower()
        keys = [] if settings.dkim is None else _stored(settings)
        for name in sorted(settings.domains.names):
            signers = [Signer(name, one.signer.selector, one.signer.key) for one in keys]
            for record in dns_records(name, signers, server, reports or f"postmaster@{server}", senders or ()):
                typer.echo(str(record))
        if not senders:
            typer.echo(
                f"SPF lets {server} alone send. Where {settings.smtp_host} (SMTP_HOST) sends from other addresses, "
                "name them:  --sender NAME, or --sender include:NAME",
                err=True,
            )
        if settings.dkim is None:
            typer.echo(
                "Nothing is signed here (DKIM): DKIM_DIRECTORY is not set, so that the next server signs.", err=True
            )
        elif not keys:
            typer.echo("There is no key yet: make one with  mail_relay keys new", err=True)

    @keys.callback()
    def about() -> None:
        """Keys that mail is signed by: `new`, then into DNS; a day later `rotate`; a week later `remove`."""

    @keys.command("list")
    def list_() -> None:
        """Show the keys: those that are to come, those that sign, and former ones."""
        for one in _stored(terminal.settings):
            typer.echo(f"{one.signer.selector}  {one.phase}")

    @keys.command()
    def new() -> None:
        """Make the next keys, RSA and Ed25519, unless they are there, and print what has to stand in DNS of them."""
        settings = terminal.settings
        today = Clock(settings.clock_file).now().date()
        directory = _directory(settings)
        added = [directory.add(kind, today).signer for kind in KINDS]
        for name in sorted(settings.domains.names):
            for record in key_records([Signer(name, one.selector, one.key) for one in added]):
                typer.echo(str(record))

    @keys.command()
    def rotate(*, unasked: Unasked = False) -> None:
        """Let the next keys sign, once they stand in DNS; the relay uses them when it is started again."""
        settings = terminal.settings
        coming = [one for one in _stored(settings) if one.phase is Phase.NEXT]
        missing = [] if unasked else asyncio.run(_missing(settings, coming))
        if missing:
            typer.echo(f"Nothing is changed, for DNS does not have {', '.join(missing)}.", err=True)
            raise typer.Exit(1)
        done = _directory(settings).rotate()
        typer.echo("\n".join(f"{one.signer.selector} signs once the relay is started again" for one in done) or NO_NEXT)

    @keys.command()
    def remove() -> None:
        """Destroy the former keys; take them out of DNS afterwards."""
        done = _directory(terminal.settings).remove_former()
        typer.echo("\n".join(f"{one.signer.selector} is removed" for one in done) or NO_FORMER)

    return app


def _directory(settings: Settings) -> KeyDirectory:
    if settings.dkim is None:
        typer.echo("mail-relay: DKIM_DIRECTORY is not set: the next server signs.", err=True)
        raise typer.Exit(2)
    return settings.dkim


def _stored(settings: Settings) -> list[StoredKey]:
    try:
        return list(_directory(settings))
    except UnusableKey as error:
        typer.echo(f"mail-relay: a key in DKIM_DIRECTORY is unusable: {error}.", err=True)
        raise typer.Exit(1) from None


async def _missing(settings: Settings, coming: list[StoredKey]) -> list[str]:
    """Return which keys others cannot verify yet."""
    resolver = Resolver(settings.name_servers, settings.dns_port)
    missing: list[str] = []
    for one in coming:
        for domain in sorted(settings.domains.names):
            name = f"{one.signer.selector}._domainkey.{domain}"
            try:
                texts = await resolver.records(name, "TXT")
            except Unanswered:
                texts = ()
            if public_record(one.signer.key).encode() not in texts:
                missing.append(name)
    return missing
