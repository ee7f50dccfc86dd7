"""What the operator does at the terminal."""

import asyncio

import typer
from chassis.db import Begin
from chassis.service import Terminal

from delivery.clients.objects import Objects
from delivery.domain.files import FileUnknown
from delivery.settings import Settings
from delivery.store import files
from delivery.usecases import releasing


def commands(terminal: Terminal[Settings]) -> typer.Typer:
    """The commands of delivery."""
    app = typer.Typer()

    @app.command()
    def verify() -> None:
        """Read every stored file again and compare its SHA-256; what differs is not served until it is right."""
        objects = Objects(terminal.settings.storage_url, terminal.settings.storage_secret)

        sound, damaged = terminal.run(lambda begin: verify_all(begin, objects))
        typer.echo(f"{sound} sound, {damaged} damaged")
        if damaged:
            raise typer.Exit(1)

    @app.command()
    def retire(tenant: str, sku: str, name: str, *, everybody: bool = False) -> None:
        """Offer a file of an article no more: links that were granted before keep it, unless it goes for everybody."""

        async def retired(begin: Begin) -> None:
            async with begin() as tx:
                await releasing.retire_file(tx, tenant, sku, name, for_everybody=everybody)

        try:
            terminal.run(retired)
        except FileUnknown:
            typer.echo("The article has no such file.", err=True)
            raise typer.Exit(1) from None
        typer.echo(f"{name} is offered no more")

    return app


async def verify_all(begin: Begin, objects: Objects) -> tuple[int, int]:
    """Verify what is stored for every tenant; return how many contents are sound and how many damaged."""
    sound = damaged = 0
    after = ("", "")
    while True:
        async with begin() as tx:
            contents = await files.contents(tx, after)
        if not contents:
            return sound, damaged
        for tenant, content in contents:
            found = await objects.verified(tenant, content)
            async with begin() as tx:
                await releasing.record_verified(tx, tenant, content, found)
            sound, damaged = sound + (found is not None), damaged + (found is None)
            if found is None:
                typer.echo(f"damaged: {tenant} {content.sha256}", err=True)
            after = (tenant, content.sha256)
        await asyncio.sleep(0)
