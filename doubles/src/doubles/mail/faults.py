"""The faults that tests and demonstrations switch on."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Step = Literal["connect", "mail", "rcpt", "data"]


class Switch(BaseModel):
    """One fault; it goes out after so many times, or stays until it is taken away."""

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


class Refuse(Switch):
    """A step is answered with this code; with `to`, only for letters to this address."""

    code: int = Field(default=451, ge=400, le=599)
    text: str = Field(default="Not now", pattern=r"^[ -~]{1,400}$")
    at: Step = "data"
    to: str | None = None


class HangUp(Switch):
    """The line ends after the letter and before the 250, with the letter kept or not."""

    stored: bool = True


class Delay(Switch):
    """The answer to a letter comes so many seconds late; the letter is kept after the wait, or before it."""

    seconds: float = Field(ge=0)
    stored: bool = False


class Faults(BaseModel):
    """All faults; the defaults are a server in good health."""

    model_config = ConfigDict(extra="forbid")
    refuse: Refuse | None = None
    hang_up: HangUp | None = None
    delay: Delay | None = None
    seconds_per_byte: float = Field(default=0, ge=0)


class Board:
    """Holds the present faults."""

    def __init__(self) -> None:
        self.now = Faults()

    def turn(self, change: dict[str, object]) -> None:
        """Lays a change over the present faults; null turns one off."""
        self.now = Faults.model_validate({**self.now.model_dump(), **change})

    def clear(self) -> None:
        """Turns every fault off."""
        self.now = Faults()

    def refusal(self, step: Step, addresses: list[str]) -> str | None:
        """Tells the answer if this step is to be refused."""
        refuse = self.now.refuse
        if refuse is None or refuse.at != step:
            return None
        if refuse.to is not None and refuse.to.lower() not in [address.lower() for address in addresses]:
            return None
        return f"{refuse.code} {refuse.text}" if refuse.spend() else None
