"""Which bytes of a file have arrived (E28, DEL-5): a download is complete only when every one has."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

Stretch = tuple[int, int]
DOUBTS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Account:
    """The account of one download: half-open stretches of bytes, `arrived` disjoint and ascending.

    `doubtful` was handed to the network when a connection ended, but the peer had not acknowledged it.
    """

    size: int
    arrived: tuple[Stretch, ...] = ()
    doubtful: tuple[Stretch, ...] = ()

    def ended(self, first: int, arrived_to: int, sent_to: int) -> "Account":
        """Return it after a connection from `first` on: the peer acknowledged up to here, sent was up to there."""
        kept = replace(self, arrived=united((*self.arrived, (first, arrived_to))))
        if arrived_to < sent_to:
            kept = replace(kept, doubtful=(*self.doubtful, (arrived_to, sent_to))[-DOUBTS_KEPT:])
        return kept

    def resumed(self, at: int) -> "Account":
        """Return it for a reader that goes on at this byte: what was sent to it just before, it has.

        The kernel's acknowledgement of the last bytes may be lost with a connection; going on behind them confirms.
        """
        confirmed = [(first, at) for first, end in self.doubtful if first < at <= end]
        open_ = tuple((first, end) for first, end in self.doubtful if not first < at <= end)
        return replace(self, arrived=united((*self.arrived, *confirmed)), doubtful=open_)

    @property
    def bytes_arrived(self) -> int:
        """How many bytes have arrived, each counted once."""
        return sum(end - first for first, end in self.arrived)

    @property
    def complete(self) -> bool:
        """Whether every byte has arrived."""
        return self.arrived == ((0, self.size),)


def united(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Return the same bytes as disjoint stretches in ascending order, those that touch made one."""
    result: list[Stretch] = []
    for first, end in sorted(stretch for stretch in stretches if stretch[0] < stretch[1]):
        if result and first <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((first, end))
    return tuple(result)
