"""A body as it arrives."""

from unittest.mock import Mock

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request
from chassis.web import Problem
from payments.web import raw


@pytest.mark.parametrize("lost", [ConnectionResetError("Connection lost"), BrokenPipeError()], ids=["closed", "broken"])
async def test_a_peer_that_leaves_in_the_body_is_a_bad_request(lost: Exception):
    content = StreamReader(Mock(spec=BaseProtocol), 2**16)
    content.feed_data(b"{")
    content.set_exception(lost)
    with pytest.raises(Problem) as refused:
        await raw.content(make_mocked_request("POST", "/webhooks/provider", payload=content), 100)
    assert (refused.value.status, refused.value.kind) == (400, "malformed")
