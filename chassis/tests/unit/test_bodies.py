"""A body as it arrives."""

from unittest.mock import Mock

import pytest
from aiohttp import ClientPayloadError, StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import ContentEncodingError, TransferEncodingError
from aiohttp.test_utils import make_mocked_request
from chassis.web import Problem, parts, raw_body

LOST = [
    *(ConnectionResetError("Connection lost"), BrokenPipeError(), ClientPayloadError(), web.RequestPayloadError()),
    *(ContentEncodingError("no gzip"), TransferEncodingError("no length")),
]


def torn(lost: Exception) -> web.Request:
    content = StreamReader(Mock(spec=BaseProtocol), 2**16)
    content.feed_data(b"{")
    content.set_exception(lost)
    return make_mocked_request("POST", "/webhooks/provider", payload=content)


@pytest.mark.parametrize("lost", LOST, ids=lambda lost: type(lost).__name__)
async def test_a_peer_that_leaves_in_the_body_is_a_bad_request(lost: Exception):
    with pytest.raises(Problem) as refused:
        await raw_body(torn(lost), 100)
    assert (refused.value.status, refused.value.kind) == (400, "malformed")
    with pytest.raises(ConnectionError):
        assert [part async for part in parts(torn(lost))]
