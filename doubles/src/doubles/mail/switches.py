"""The faults that tests and demonstrations switch on."""

from typing import Literal

from pydantic import Field

from ..switch import Strict, Switch

Step = Literal["connect", "mail", "rcpt", "data"]


class Refuse(Switch):
    """A step is answered with this code; with `to`, only for mails to this address.

    A server that refuses to connect ends the connections that it has, as one that is closed does.
    """

    code: int = Field(default=451, ge=400, le=599)
    text: str = Field(default="Not now", pattern=r"^[ -~]{1,400}$")
    at: Step = "data"
    to: str | None = None


class HangUp(Switch):
    """The connection ends after the data and before the 250, with the mail stored or not."""

    stored: bool = True


class Delay(Switch):
    """The answer to the data comes so many seconds late; the mail is stored after the wait, or before it."""

    seconds: float = Field(ge=0)
    stored: bool = False


class Settings(Strict):
    """All switches; the defaults are a server without faults."""

    refuse: Refuse | None = None
    hang_up: HangUp | None = None
    delay: Delay | None = None
    seconds_per_byte: float = Field(default=0, ge=0)


class Switches:
    """Holds the present settings."""

    def __init__(self) -> None:
        self.now = Settings()

    def turn(self, change: dict[str, object]) -> None:
        """Merge a change into the present settings; null turns a fault off."""
        self.now = Settings.model_validate({**self.now.model_dump(), **change})

    def reset(self) -> None:
        """Turn every fault off."""
        self.now = Settings()

    @property
    def closed(self) -> bool:
        """Whether the server refuses everybody who connects."""
        refuse = self.now.refuse
        return refuse is not None and refuse.at == "connect" and refuse.times != 0

    def refusal(self, step: Step, addresses: list[str]) -> str | None:
        """Return the answer that refuses this step; None if it is not refused."""
        refuse = self.now.refuse
        if refuse is None or refuse.at != step:
            return None
        if refuse.to is not None and refuse.to.lower() not in [address.lower() for address in addresses]:
            return None
        return f"{refuse.code} {refuse.text}" if refuse.spend() else None
