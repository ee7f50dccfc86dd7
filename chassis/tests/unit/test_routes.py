"""The table of a service's routes."""

from uuid import UUID

import pytest
from chassis.web import Routes, View


class Thing(View):
    """Something."""

    id: UUID


def test_two_routes_at_one_address_are_refused():
    ours, others = Routes(), Routes()

    @ours.get("/things/{thing}")
    async def view_thing(thing: UUID) -> Thing:
        return Thing(id=thing)

    @others.get("/things/{id}")
    async def view_id(id: UUID) -> Thing:  # noqa: A002 -- the name of the path's parameter
        return Thing(id=id)

    assert [route.name for route in Routes(ours).all] == [view_thing.__name__]
    with pytest.raises(TypeError, match=r"GET /things/\{"):
        Routes(ours, others)
    assert view_id.__name__
