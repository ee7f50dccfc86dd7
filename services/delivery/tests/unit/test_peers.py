import socket
from typing import Any
from uuid import uuid4

from delivery.clients.peers import Transfer, Transfers
from delivery.domain.sessions import Connection


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
    connections = [Connection("kontor", uuid4(), uuid4(), uuid4(), 0, 100, "0" * 64) for _ in range(2)]
    both = [Transfer(transport, one, 60.0) for one in connections]
    transfers.open.update({one.connection.id: one for one in both})
    transfers.cut(connections[0].id)
    assert [id_ for _, _, id_, _ in transfers.running()] == [connections[1].id]
    for one in both:
        one.close(reset=False)
    ours.close()
    theirs.close()
