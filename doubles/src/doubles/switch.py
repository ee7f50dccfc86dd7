"""What the faults of all doubles are made of."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Settings that refuse unknown names."""

    model_config = ConfigDict(extra="forbid")


class Switch(Strict):
    """A fault that happens `times` times, or until it is turned off."""

    times: int | None = None

    def spend(self) -> bool:
        """Count the fault once; return whether it is still on."""
        on = self.times is None or self.times > 0
        if on and self.times is not None:
            self.times -= 1
        return on
