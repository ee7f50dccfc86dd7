"""Who was erased stays erased when the database is restored to a state of before. F-A12 ORD-2"""

from chassis_testing.operator import operate
from contracts.accounts import CustomerErased, KeyDestroyed

from .conftest import House
from .test_erasing import alive, report


async def test_F_A12_a_key_that_came_back_with_a_restored_database_is_destroyed_again(house: House, tenant: str):
    person = await house.register(tenant)
    for number, (kind, key) in enumerate((await house.keys_of(person)).items(), 10**6):
        at = house.home.clock.now()
        facts = {"tenant": tenant, "customer": person.id, "key": key, "kind": kind, "destroyed_at": at}
        await house.home.publish(KeyDestroyed.model_validate(facts), sequence=number)
    assert (await operate(house.home, "backup", "restored")).exit_code == 0
    assert not await alive(house, person)
    assert not await house.home.sql(
        "select 1 from private_keys join subject_keys on id = key_id where subject = $1", str(person.id)
    )
    assert all(key["destroyed_at"] for key in (await report(house, person))["keys"])
    assert not [event for event in house.published(CustomerErased) if event.customer == person.id]
