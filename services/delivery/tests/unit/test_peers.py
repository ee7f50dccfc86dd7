import socket
from typing import Any
from uuid import uuid4

from delivery.clients.peers import Transfer, Transfers


class Plug:
    """As much of a transport as a transfer asks for before it runs."""

    def __init__(self, plug: socket.socket) -> None:
        self.plug = plug

    def get_extra_info(self, _: str) -> socket.socket:
        return self.plug


async def test_a_transfer_that_was_cut_runs_no_more_though_it_waits_for_its_source():  # DEL-12
    ours, theirs = socket.socketpair()
    transfers = Transfers()
    transport: Any = Plug(ours)
    both = [Transfer(transport, ("kontor", uuid4(), uuid4()), (0, 100), 60.0) for _ in range(2)]
    transfers.open.update({one.transfer: one for one in both})
    await transfers.cut(both[0].transfer)
    assert [key for _, _, key, _ in transfers.running()] == [both[1].transfer]
    for one in both:
        one.close(reset=False)
    ours.close()
    theirs.close()
