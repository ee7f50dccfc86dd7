"""What runs, and where it is reached, as a table."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from stack.services import SUITE
from stack.state import State
from stack.supervisor import Condition

# columns; a terminal that has fewer breaks the lines, for an address that is cut short is of no use
WIDE = 130


def show(state: State, conditions: Mapping[str, Condition]) -> None:
    """Print each program with its addresses, whole ones, however narrow the terminal is."""
    addresses = {**state.urls, "mail-catcher": state.mail_url, "provider": state.provider_url, "kafka": state.kafka}
    table = Table("program", "state", "", "address", "for operators")
    for name, condition in conditions.items():
        described = condition.state, condition.description
        table.add_row(name, *described, addresses.get(name, ""), state.admin_urls.get(name, ""))
    for name in state.admin_urls if SUITE in conditions else ():
        table.add_row(name, "", f"in {SUITE}", state.urls[name], state.admin_urls[name])
    Console(width=max(Console().width, WIDE)).print(table)
