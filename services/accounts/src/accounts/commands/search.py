"""The command that lets orders be found that were placed before their words were kept."""

import typer
from chassis.consuming import TopicUnread, read_again
from chassis.db import Begin
from chassis.identity import MasterKey
from chassis.service import Terminal
from contracts.orders import OrderPlaced

from accounts.commands.running import refuse
from accounts.settings import Settings
from accounts.usecases import indexing
from accounts.usecases.key_management import KeyManagement


def search(terminal: Terminal[Settings]) -> typer.Typer:
    """Return the commands for what orders are found by."""
    app = typer.Typer(no_args_is_help=True)

    @app.callback()
    def about() -> None:
        """The blind index of companies and names on orders."""

    @app.command()
    def fill() -> None:
        """Let all orders be found whose OrderPlaced Kafka still holds, those of 90 days; may be repeated.

        What is placed from now on is found without it. Orders of customers who are erased stay out.
        """
        settings = terminal.settings
        kms = KeyManagement(MasterKey.from_file(settings.master_key_file))

        async def work(begin: Begin) -> tuple[int, int]:
            orders = words = 0
            async for placed in read_again(settings.brokers, terminal.name, settings.topic_prefix, OrderPlaced):
                async with begin() as tx:
                    words += await indexing.index(tx, placed, kms)
                orders += len(placed)
            return orders, words

        try:
            orders, words = terminal.run(work)
        except TopicUnread as unread:
            raise refuse(f"Stopped: Kafka does not show the orders ({unread}). Repeat it once it does.") from None
        typer.echo(f"{orders} orders read, {words} words are new")

    return app
