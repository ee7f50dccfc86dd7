"""What a check has found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that must not be released: where it is, what is wrong, what to do about it."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.remedy}."
