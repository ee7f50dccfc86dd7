"""What operators do: open shops and close them."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from chassis.db import Begin, Tx
from chassis.lists import FileRefused
from chassis.refusals import sentence
from chassis.service import Terminal

from storefront.commands import file as files
from storefront.domain import legal
from storefront.domain.shop import HostTaken, ShopUnknown, TenantUnknown
from storefront.settings import Settings
from storefront.store import shops
from storefront.usecases import opening

T = TypeVar("T")
File = Annotated[Path, typer.Option(exists=True, dir_okay=False, readable=True, help="The shop, as YAML.")]


def commands(terminal: Terminal[Settings]) -> typer.Typer:
    """Return the commands beside those that every service has."""
    app = typer.Typer()
    app.add_typer(_shop(terminal), name="shop", help="Brands and their addresses.")
    return app


def _shop(terminal: Terminal[Settings]) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True)

    @app.callback()
    def about() -> None:
        """Brands and their addresses."""

    @app.command("open")
    def open_(file: File) -> None:
        """Open the shop of a file, or change it; safe to repeat."""
        try:
            shop = files.read(file.read_bytes())
        except FileRefused as refused:
            raise _refuse(*(f"{file}:{fault}" for fault in refused.faults)) from None
        try:
            _transact(terminal, lambda tx: opening.open_shop(tx, shop))
        except TenantUnknown:
            raise _refuse(f"{shop.tenant}: {sentence(TenantUnknown)}") from None
        except HostTaken as taken:
            raise _refuse(
                f"{taken}: {sentence(HostTaken)} Close that shop, or take the address out of its file."
            ) from None
        typer.echo(f"{shop.id} is open at {', '.join(shop.hosts)}")
        lacks = legal.missing(shop.brand)
        if lacks:
            named = ", ".join(f"{kind} ({language})" for kind, language in lacks)
            typer.echo(f"WARNING: customers must be able to read what {shop.id} lacks: {named}", err=True)

    @app.command()
    def close(id: str) -> None:  # noqa: A002 -- what the help shows
        """Show nothing at the addresses of a shop any more; opening it again brings it back."""
        try:
            _transact(terminal, lambda tx: opening.close_shop(tx, id))
        except ShopUnknown:
            raise _refuse(f"{id}: {sentence(ShopUnknown)} `shop list` shows them.") from None
        typer.echo(f"{id} is closed")

    @app.command("list")
    def list_() -> None:
        """Show the shops that are open."""
        for shop in _transact(terminal, shops.all_open):
            typer.echo(f"{shop.id}  {shop.brand.name}  {shop.tenant}/{shop.channel}  {', '.join(shop.hosts)}")

    return app


def _transact(terminal: Terminal[Settings], work: Callable[[Tx], Awaitable[T]]) -> T:
    async def transact(begin: Begin) -> T:
        async with begin() as tx:
            return await work(tx)

    return terminal.run(transact)


def _refuse(*lines: str) -> typer.Exit:
    for line in lines:
        typer.echo(line, err=True)
    return typer.Exit(1)
