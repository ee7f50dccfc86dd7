"""Nothing of a person stands in clear in any table or event, before erasure or after. M23 M26 ORD-2"""

from uuid import uuid4

import asyncpg
from chassis_testing.harness import until

from .conftest import PASSWORD, PROOF, House, Person

TABLES = """
select format('%I.%I', table_schema, table_name) as name
from information_schema.tables
where table_schema in ('public', 'chassis')
"""


async def everything(house: House) -> str:
    """All rows of all tables as text, bytes also as the text they may be."""
    connection = await asyncpg.connect(house.home.database_url)
    try:
        found: list[str] = []
        for table in await connection.fetch(TABLES):
            for row in await connection.fetch(f"select * from {table['name']}"):
                for value in row.values():
                    found.append(value.decode("latin-1") if isinstance(value, bytes) else str(value))
                    found.append(value.decode(errors="replace") if isinstance(value, bytes) else "")
        return "\n".join(found)
    finally:
        await connection.close()


def traces(person: Person, text: str) -> list[str]:
    """What of a person can be read in a text."""
    lowered = text.lower()
    words = [person.email, person.email.lower(), *person.name.split(), person.name, PASSWORD, person.password]
    return [word for word in words if word.lower() in lowered]


async def test_no_table_and_no_event_has_a_person_in_clear(house: House):
    tenant = await house.open_tenant()
    person = await house.register(tenant, email="Zaphod.Q@beeblebrox.example", name="Zaphod Beeblebröx")
    clerk = Person(tenant, "trillian@astra.example", "Tricia McMillan", "ein kennwort für alle")
    words = ["--tenant", tenant, "--email", clerk.email, "--name", clerk.name, "--role", "support"]
    done = await house.run("staff", "add", *words, "--password-file", house.file(clerk.password))
    assert done.exit_code == 0
    tokens = await house.sign_in(person)
    await house.ask("POST", "/sign-in", {**person.sign_in, "password": "the wrong password"})
    await house.ask("POST", "/sign-in", {**person.sign_in, "email": "Zaphod.Q@beeblebrox.examples"})
    token = (await house.sign_in(clerk))["access_token"]
    await house.ask("POST", "/customer-search", {"name": "Zaphod"}, token)
    await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]})
    order = uuid4()
    await house.home.publish(house.placed(person, order))
    await house.home.settled()
    rows = await everything(house)
    assert str(person.id) in rows
    assert "127.0.0.1" not in rows
    topics = "\n".join(
        str(record.value) + str(record.headers) for records in house.home.log.values() for record in records
    )
    assert str(person.id) in topics
    for text in (rows, topics):
        assert traces(person, text) == []
        assert traces(clerk, text) == []


async def test_after_erasure_no_box_password_or_blind_index_is_left(house: House):
    tenant = await house.open_tenant()
    person = await house.register(tenant)
    tokens = await house.sign_in(person)
    await house.ask("POST", "/sign-in", {**person.sign_in, "password": "the wrong password"})
    assert (await house.ask("POST", "/me/deletion", PROOF, tokens["access_token"]))[0] == 200

    async def gone() -> bool:
        counts = [
            (await house.home.sql(f"select count(*) as n from {table} where tenant = $1", tenant))[0]["n"]
            for table in ("logins", "name_words", "order_words", "attempts", "sessions", "refresh_tokens")
        ]
        return not any(counts)

    await until(gone, what="every blind index to be removed")
    (row,) = await house.home.sql("select c::text as text from customers c where tenant = $1", tenant)
    assert "box" not in row["text"]
