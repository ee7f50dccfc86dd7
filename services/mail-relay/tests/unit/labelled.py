"""The labelled sentences, and how well the detection tells them apart."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from mail_relay.domain.policy.detection import detect

FOLDER = Path(__file__).parents[1] / "sentences"
OWN = ("kontor.shop",)
FOUND_FROM = 0.5


@dataclass(frozen=True)
class Sentence:
    text: str
    language: str
    label: str
    leads_away: bool
    seen: bool

    @property
    def held_out(self) -> bool:
        return not self.seen and sha256(self.text.encode()).digest()[0] % 3 == 0


@cache
def sentences() -> list[Sentence]:
    return [
        Sentence(
            text.replace("\\n", "\n"),
            file.suffixes[0][1:],
            label,
            file.name.startswith("away"),
            ".seen" in file.suffixes,
        )
        for file in sorted(FOLDER.glob("*.tsv"))
        for label, text in (line.split("\t") for line in file.read_text().splitlines())
    ]


@cache
def found(text: str) -> bool:
    return any(finding.confidence >= FOUND_FROM for finding in detect(text, OWN))


@dataclass(frozen=True)
class Score:
    away: int
    right: int
    wrong: int

    @property
    def recall(self) -> float:
        return self.right / self.away if self.away else 1.0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0


def score(chosen: Iterable[Sentence], is_found: Callable[[str], bool] = found) -> Score:
    chosen = list(chosen)
    away = [sentence for sentence in chosen if sentence.leads_away]
    hits = [sentence for sentence in chosen if is_found(sentence.text)]
    return Score(len(away), sum(hit.leads_away for hit in hits), sum(not hit.leads_away for hit in hits))
