"""What rewards reads from its environment."""

from typing import Literal

from chassis.config import ServiceSettings


class Settings(ServiceSettings):
    """The market of members who name none, and what becomes of points that are spent when they are taken back.

    `negative`: the balance falls below zero and later accruals offset it. `within_balance`: what is spent stays with
    the member, and is not earned again by the same meeting (REW-9).
    """

    default_market: str = "DE"
    reversal_policy: Literal["negative", "within_balance"] = "negative"
