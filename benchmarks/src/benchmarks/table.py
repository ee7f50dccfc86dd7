"""All benchmarks, in the order in which they run."""

from benchmarks.backlog import BACKLOG
from benchmarks.bench import Bench
from benchmarks.catalogue import CATALOGUE
from benchmarks.cold import COLD
from benchmarks.download import DOWNLOAD
from benchmarks.events import EVENTS
from benchmarks.fanout import CROWD, FANOUT
from benchmarks.growth import GROWTH
from benchmarks.licence import LICENCE
from benchmarks.order import ORDER
from benchmarks.relay import CONVERSATION, RELAY
from benchmarks.replay import REPLAY
from benchmarks.sale import SALE
from benchmarks.statement import STATEMENT
from benchmarks.thanks import THANKS
from benchmarks.visitors import VISITORS
from benchmarks.window import WINDOW

BENCHES: tuple[Bench, ...] = (
    *(EVENTS, REPLAY, SALE, BACKLOG, ORDER, LICENCE, CATALOGUE, STATEMENT, DOWNLOAD, RELAY, CONVERSATION),
    *(FANOUT, CROWD, WINDOW, VISITORS, THANKS, COLD, GROWTH),
)


def chosen(names: list[str]) -> list[Bench]:
    """Return the benchmarks with these names, or all for none. Raises LookupError for an unknown name."""
    known = {bench.name: bench for bench in BENCHES}
    if unknown := [name for name in names if name not in known]:
        raise LookupError(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(known)}.")
    return [known[name] for name in names] or list(BENCHES)
