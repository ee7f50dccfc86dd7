"""What staff may read of a customer."""

from .conftest import PROOF, House


async def test_support_reads_what_a_customer_is_called_and_that_is_recorded(house: House):
    tenant = await house.open_tenant()
    person = await house.register(tenant, name="Jürgen Özil")
    path = f"/customers/{person.id}/name"
    here, there = await house.staff(tenant, "support"), await house.staff(await house.open_tenant(), "support")
    readings = "select count(*) from chassis.audit where kind = 'customer' and object_id = $1 and purpose = 'support'"
    known = {"customer": str(person.id), "name": "Jürgen Özil", "email": person.email}
    assert await house.ask("GET", path, token=here) == (200, known)
    assert (await house.ask("GET", path, token=there))[0] == 404
    assert (await house.ask("GET", path, token=await house.staff(tenant, "sales")))[0] == 403
    own = (await house.sign_in(person))["access_token"]
    assert (await house.ask("GET", path, token=own))[0] == 403
    assert (await house.home.sql(readings, str(person.id)))[0]["count"] == 1
    await house.ask("POST", "/me/deletion", PROOF, own)
    assert (await house.ask("GET", path, token=here))[0] in (404, 410)
