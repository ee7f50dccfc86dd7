"""The command that loads an assortment."""

from datetime import datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Annotated

import typer
from chassis.db import Begin, EventTooLarge
from chassis.lists import LARGEST, Fault
from chassis.refusals import sentence, slug
from chassis.service import DryRun, Terminal
from contracts.currencies import CURRENCIES

from catalog.commands.file import Reader
from catalog.commands.values import CODE
from catalog.domain.money import ranges
from catalog.domain.product import Product
from catalog.settings import Settings
from catalog.usecases import loading
from catalog.usecases.loading import Assortment, LoadOptions, Outcome

File = Annotated[Path, typer.Argument(help="The assortment, as YAML.")]
Tenant = Annotated[str, typer.Option(help="Whose assortment it is.")]
Missing = Annotated[bool, typer.Option("--withdraw-missing", help="Withdraw products that the file does not have.")]
Again = Annotated[bool, typer.Option("--sell-withdrawn", help="Sell again what staff has withdrawn.")]


class Undone(Exception):
    """A dry run has loaded the file, so that all is refused that would be, and takes everything back."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def commands(terminal: Terminal[Settings]) -> typer.Typer:
    """What an operator can tell catalog."""
    app = typer.Typer()

    @app.command()
    def load(
        file: File,
        tenant: Tenant,
        *,
        withdraw_missing: Missing = False,
        sell_withdrawn: Again = False,
        dry_run: DryRun = False,
    ) -> None:
        """Load an assortment: all of it, or nothing and every fault of the file with its line."""
        if not CODE.fullmatch(tenant):
            raise typer.BadParameter("a tenant is called something like kontor")
        reader = Reader()
        wanted = reader.read(_content(file))
        faults = reader.faults.sorted()
        typer.echo(f"{file.name}: {len(wanted.products)} products, {len(wanted.coupons)} coupons")
        if wanted.products or wanted.coupons or not faults:
            options = LoadOptions(withdraw_missing, sell_withdrawn)
            outcome = _outcome(terminal, tenant, wanted, options, only_compare=bool(faults), dry_run=dry_run)
            faults = _faults(reader, outcome)
            if not faults:
                return _report(outcome, reader.zone, "would be " if dry_run else "")
        for fault in faults:
            typer.echo(f"{file}:{fault}", err=True)
        typer.echo(f"nothing was loaded; faults: {len(faults)}", err=True)
        raise typer.Exit(1)

    return app


def _content(file: Path) -> bytes:
    """The file, or so much of it as shows that it is too large."""
    try:
        with file.open("rb") as content:
            return content.read(LARGEST + 1)
    except OSError as error:
        typer.echo(f"{file}: cannot be read: {error.strerror}", err=True)
        raise typer.Exit(1) from None


def _outcome(
    terminal: Terminal[Settings],
    tenant: str,
    wanted: Assortment,
    options: LoadOptions,
    *,
    only_compare: bool,
    dry_run: bool,
) -> Outcome:
    """Load a file that reads well; another is only compared, so that all its faults are known at once."""

    async def work(begin: Begin) -> Outcome:
        async with begin() as tx:
            outcome = await (loading.compare if only_compare else loading.load)(tx, tenant, wanted, options)
            if dry_run:
                raise Undone(outcome)
            return outcome

    try:
        return terminal.run(work)
    except Undone as undone:
        return undone.outcome
    except EventTooLarge as error:
        typer.echo(f"A product is too large to be published: {error}", err=True)
        raise typer.Exit(1) from None


def _faults(reader: Reader, outcome: Outcome) -> list[Fault]:
    for breach in outcome.breaches:
        if breach.at[-1] not in reader.doubtful:
            kind = type(breach.error)
            reader.faults.add(reader.line(breach.at), slug(kind), sentence(kind))
    return reader.faults.sorted()


def _report(outcome: Outcome, zone: tzinfo, verb: str) -> None:
    for product in outcome.published:
        typer.echo(f"{verb}published  {_described(product)}")
        for variant in product.variants:
            for listing in variant.listings:
                if listing.sellable_until is not None:
                    typer.echo(f"           {variant.sku} in {listing.channel} {_until(listing.sellable_until, zone)}")
    for product in outcome.withdrawn:
        typer.echo(f"{verb}withdrawn  {product.family} {product.version}")
    for product in outcome.still_withdrawn:
        typer.echo(
            f"left  {product.family} {product.version}: staff has withdrawn it (--sell-withdrawn sells it again)"
        )
    for coupon in outcome.offered:
        typer.echo(f"{verb}offered  coupon {coupon.code} in {coupon.channel} {_until(coupon.valid_until, zone)}")
    if outcome.shown:
        typer.echo(f"{verb}shown otherwise: {len(outcome.shown)}")
    typer.echo(
        f"{len(outcome.published)} {verb}published, {len(outcome.unchanged)} unchanged, "
        f"{len(outcome.withdrawn)} {verb}withdrawn; coupons {verb and 'that would be '}offered: {len(outcome.offered)}"
    )


def _until(end: datetime, zone: tzinfo) -> str:
    """When something ends, as people say it, in the file's time zone."""
    local = end.astimezone(zone)
    if local.time() == time():
        return f"until the end of {(local - timedelta(days=1)).date()} ({zone})"
    return f"until {local:%Y-%m-%d %H:%M:%S} ({zone})"


def _described(product: Product) -> str:
    variants = list(product.variants)
    recommended = ranges(price for variant in variants for price in variant.rrp)
    prices = ", ".join(
        f"{found.currency} {_amount(found.lowest, found.currency)}-{_amount(found.highest, found.currency)}"
        for found in recommended
    )
    return f"{product.family} {product.version}: {len(product.editions)} editions, {len(variants)} variants, {prices}"


def _amount(minor: int, currency: str) -> str:
    precision = CURRENCIES[currency].decimals
    return f"{minor / 10**precision:.{precision}f}"
