"""On how many devices a key may be active, of units that share it."""

from typing import Any

from workcenter.domain.keys import device_limits


def unit(key: str | None, limit: int | None, state: str = "issued") -> dict[str, Any]:
    return {"license": key, "device_limit": limit, "state": state}


def test_units_that_share_a_key_allow_so_many_each_and_those_given_back_none():
    shared = [unit("a", 2), unit("a", 2), unit("a", 2, "refunded"), unit("b", 1, "revoked"), unit(None, 3, "waiting")]
    assert device_limits(shared) == {"a": 4}


def test_without_a_limit_it_is_any_number():
    assert device_limits([unit("a", None), unit("a", 2)]) == {"a": None}
