"""Routes for those who have signed in just now (RFC 9470)."""

from typing import Any
from uuid import uuid4

import pytest
from chassis_testing import Harness


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({}, 204),
        ({"auth_time": -299}, 204),
        ({"auth_time": -302}, 401),
        ({"auth_time": None}, 401),
        ({"auth_time": "now"}, 401),
    ],
)
async def test_who_has_signed_in_too_long_ago_is_asked_to_sign_in_again(
    probe: Harness, claims: dict[str, Any], status: int
):
    now = int(probe.clock.now().timestamp())
    given: dict[str, Any] = {name: now + at if isinstance(at, int) else at for name, at in claims.items()}
    headers = probe.bearer(probe.accounts.token("somebody", "sales", **given))
    async with probe.http.post(f"/notes/{uuid4()}/doom", headers=headers) as answer:
        assert answer.status == status
        if status == 401:
            challenge = 'Bearer error="insufficient_user_authentication", max_age=300'
            assert answer.headers["WWW-Authenticate"] == challenge
            problem = await answer.json()
            assert (problem["type"], problem["max_age"]) == ("/problems/insufficient-user-authentication", 300)
