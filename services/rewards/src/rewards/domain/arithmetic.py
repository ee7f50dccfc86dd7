"""How the number of a posting comes about: facts, which every language may put into words, and English ones."""

from dataclasses import dataclass
from typing import Literal

Of = Literal["frequency", "duration", "reversal", "redemption", "return", "expiry"]


@dataclass(frozen=True, slots=True)
class Cap:
    """A cap that left fewer points than a meeting was worth: of which day or month, and how many were left."""

    period: str
    cap: int
    left: int


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The facts behind a number of points; `total` is what came of them, None as long as that is open.

    A meeting earns `parts` times `each` points: it counts once, or once for each started `per_minutes` of its
    `minutes`. `kept` points stayed with the member when the same was taken back, `expired` ones cannot be taken back.
    """

    of: Of
    total: int | None = None
    each: int | None = None
    parts: int | None = None
    minutes: int | None = None
    per_minutes: int | None = None
    caps: tuple[Cap, ...] = ()
    kept: int = 0
    expired: int = 0
    reward: str | None = None
    name_de: str | None = None
    name_en: str | None = None

    def __str__(self) -> str:
        """Return it in English words."""
        match self.of:
            case "frequency" | "duration":
                return self._earned()
            case "reversal":
                text = f"what this meeting had earned, {self.total} points, is taken back"
                text += f", except {self.expired} that have expired" if self.expired else ""
                return text + (f", except {self.kept} that are spent already and stay with you" if self.kept else "")
            case "redemption":
                return f"1 x {self.name_en} = {self.total} points"
            case "return":
                return f"{self.reward} could not be delivered: {self.total} points are given back"
            case "expiry":
                return f"{self.total} points have expired"

    def _earned(self) -> str:
        if self.of == "frequency":
            text = f"{self.parts} held meeting x {self.each} points"
        else:
            counted = f"{self.minutes} minutes = {self.parts} started x {self.per_minutes} minutes"
            text = f"{counted} x {self.each} points"
        for cap in self.caps:
            text += f", of which {cap.left} are left under the cap of {cap.cap} for {cap.period}"
        text += "" if self.total is None else f" = {self.total} points"
        return text + (f", less {self.kept} that stayed with you when it was taken back" if self.kept else "")
