"""The faults that tests and demonstrations switch on."""

import asyncio
from typing import Any, Literal, cast

from pydantic import Field

from ..switch import Strict, Switch
from .wire import Json

Seconds = float | Literal["forever"]


class ApiFault(Switch):
    """A fault of calls with this method below this path.

    It happens before the work, during it (with the idempotency key taken) or after it (with the answer lost).
    """

    at: Literal["before", "during", "after"] = "before"
    path: str = "/v1/"
    method: str | None = None


class ApiHang(ApiFault):
    """A call stalls."""

    seconds: Seconds


class ApiRefuse(ApiFault):
    """A call is refused; the work is done all the same if it is refused after it."""

    status: int = Field(default=500, ge=400, le=599)


class Api(Strict):
    """The faults of API calls."""

    hang: ApiHang | None = None
    refuse: ApiRefuse | None = None


class Disorder(Strict):
    """Webhooks are held until there are `hold`, or for so many seconds, and then sent in random order."""

    hold: int = Field(ge=2)
    seed: int = 0
    seconds: float = 5.0


class WebhookHang(Switch):
    """A webhook stalls in the middle of its body."""

    seconds: Seconds


class Drop(Switch):
    """A webhook of these types, or any, is never sent; its event can still be listed."""

    types: list[str] = Field(default_factory=list[str])


class Retry(Strict):
    """When a webhook that was not accepted is sent again, and when no more, in seconds."""

    first: float = 0.5
    factor: float = 2.0
    longest: float = 30.0
    give_up_after: float = 900.0


class Webhooks(Strict):
    """The faults of webhooks; a delay is drawn between its two figures."""

    delay: tuple[float, float] = (0.0, 0.0)
    duplicates: int = Field(default=0, ge=0, le=50)
    disorder: Disorder | None = None
    hang: WebhookHang | None = None
    drop: Drop | None = None
    forge: Switch | None = None
    timestamp_shift: int = 0
    timeout: float = 20.0
    retry: Retry = Field(default_factory=Retry)


class Settings(Strict):
    """All switches; the defaults are a provider without faults."""

    api: Api = Field(default_factory=Api)
    webhooks: Webhooks = Field(default_factory=Webhooks)
    settle_after: float | None = 3.0


class Switches:
    """Holds the present settings."""

    def __init__(self) -> None:
        self.now = Settings()
        self._reset = asyncio.Event()

    def turn(self, change: Json) -> None:
        """Merge a change into the present settings; null turns a fault off."""
        merged = self.now.model_dump()
        for name, value in change.items():
            if isinstance(value, dict) and isinstance(merged.get(name), dict):
                merged[name] = {**cast("dict[str, Any]", merged[name]), **cast("dict[str, Any]", value)}
            else:
                merged[name] = value
        self.now = Settings.model_validate(merged)

    def reset(self) -> None:
        """Turn every fault off and end what hangs for ever."""
        self.now = Settings()
        self._reset.set()
        self._reset = asyncio.Event()

    async def pause(self, seconds: Seconds) -> bool:
        """Wait; return false if it was for ever and a reset ended it."""
        try:
            await asyncio.wait_for(self._reset.wait(), None if seconds == "forever" else seconds)
        except TimeoutError:
            return True
        return seconds != "forever"
