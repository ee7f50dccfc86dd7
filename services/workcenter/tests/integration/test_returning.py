"""No address of a form is a dead end: without the form, it leads to the page that the form is on."""

import pytest
from chassis.web.routes import Route
from chassis_testing import Harness
from chassis_testing.returning import forms_of, opened_without_the_form
from workcenter.web import ROUTES


@pytest.mark.parametrize("route", forms_of(ROUTES), ids=lambda route: route.path)
async def test_the_address_of_a_form_leads_to_its_page(desk: Harness, route: Route):
    path, above, status = await opened_without_the_form(desk, route)
    assert path.startswith(above)
    assert status in (200, 303, 404), "a page is there, whoever may see it"


async def test_a_program_is_refused(desk: Harness):
    async with desk.http.get("/language", headers={"Accept": "application/json"}) as answer:
        assert answer.status == 405
