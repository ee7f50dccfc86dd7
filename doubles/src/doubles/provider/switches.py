"""The faults that tests and demonstrations switch on."""

import asyncio
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from .shapes import Json

Moment = Literal["before", "during", "after"]


class Switch(BaseModel):
    """One fault; it goes out after so many times, or stays until it is reset."""

    model_config = ConfigDict(extra="forbid")
    times: int | None = None

    def spend(self) -> bool:
        """Uses the fault once, and tells whether it was still on."""
        if self.times is None:
            return True
        if self.times <= 0:
            return False
        self.times -= 1
        return True


class ApiHang(Switch):
    """A call stalls: before the work, with the idempotency key taken, or with the work done and the answer lost."""

    seconds: float | Literal["forever"]
    at: Moment = "before"
    path: str = "/v1/"
    method: str | None = None


class ApiRefuse(Switch):
    """A call is refused; after the work this means that the work is done all the same."""

    status: int = Field(default=500, ge=400, le=599)
    at: Literal["before", "after"] = "before"
    path: str = "/v1/"
    method: str | None = None


class Api(BaseModel):
    """The faults of API calls."""

    model_config = ConfigDict(extra="forbid")
    hang: ApiHang | None = None
    refuse: ApiRefuse | None = None


class Disorder(BaseModel):
    """Webhooks are held until there are so many (or the seconds are over) and let go shuffled."""

    model_config = ConfigDict(extra="forbid")
    hold: int = Field(ge=2)
    seed: int = 0
    seconds: float = 5.0


class WebhookHang(Switch):
    """A webhook stalls in the middle of its body."""

    seconds: float | Literal["forever"]


class Drop(Switch):
    """A webhook never leaves; its event can still be listed."""

    types: list[str] = Field(default_factory=list[str])


class Retry(BaseModel):
    """When a webhook that was not taken is sent again, and when no more, in seconds."""

    model_config = ConfigDict(extra="forbid")
    first: float = 0.5
    factor: float = 2.0
    longest: float = 30.0
    give_up_after: float = 900.0


class Webhooks(BaseModel):
    """The faults of webhooks; a delay is drawn between its two figures."""

    model_config = ConfigDict(extra="forbid")
    delay: tuple[float, float] = (0.0, 0.0)
    seed: int = 0
    duplicates: int = Field(default=0, ge=0, le=50)
    disorder: Disorder | None = None
    hang: WebhookHang | None = None
    drop: Drop | None = None
    forge: Switch | None = None
    timestamp_shift: int = 0
    timeout: float = 20.0
    retry: Retry = Field(default_factory=Retry)


class Settings(BaseModel):
    """All switches; the defaults are a provider in good health."""

    model_config = ConfigDict(extra="forbid")
    api: Api = Field(default_factory=Api)
    webhooks: Webhooks = Field(default_factory=Webhooks)
    settle_after: float | None = 3.0
    refunds: Literal["succeeded", "pending", "failed"] = "succeeded"


class Switches:
    """Holds the present settings and lets go of what hangs for ever when they are reset."""

    def __init__(self) -> None:
        self.now = Settings()
        self._released = asyncio.Event()

    def turn(self, change: Json) -> None:
        """Lays a change over the present settings; null turns a fault off."""
        merged = self.now.model_dump()
        for name, value in change.items():
            if isinstance(value, dict) and isinstance(merged.get(name), dict):
                merged[name] = {**cast("dict[str, Any]", merged[name]), **cast("dict[str, Any]", value)}
            else:
                merged[name] = value
        self.now = Settings.model_validate(merged)

    def reset(self) -> None:
        """Turns every fault off."""
        self.now = Settings()
        self._released.set()
        self._released = asyncio.Event()

    async def pause(self, seconds: float | Literal["forever"]) -> bool:
        """Waits, and tells whether to go on; after a reset, what hung for ever does not."""
        released = self._released
        try:
            await asyncio.wait_for(released.wait(), None if seconds == "forever" else seconds)
        except TimeoutError:
            return True
        return seconds != "forever"
