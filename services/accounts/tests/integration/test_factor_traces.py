"""What a second factor leaves behind, and where: nothing readable, nothing after the account, all on record. ORD-1"""

import pytest
from chassis_testing.harness import until

from .conftest import PROOF, House, Person
from .devices import Enrolled, enrols, signs_in
from .test_second_factor import NEEDED, kind


@pytest.fixture
async def enrolled(house: House, person: Person) -> Enrolled:
    return await enrols(house, person)


async def test_neither_secret_nor_recovery_code_stands_in_the_database(house: House, person: Person):  # ORD-1
    enrolled = await enrols(house, person)
    rows = await house.home.sql(
        "select f::text as text from second_factors f union all select r::text from recovery_codes r"
    )
    text = "\n".join(row["text"] for row in rows)
    assert enrolled.app.secret.hex() not in text
    (row,) = await house.home.sql("select wrapped_secret from second_factors where subject_id = $1", person.id)
    assert enrolled.app.secret not in row["wrapped_secret"]
    hashes = await house.home.sql("select code_hmac from recovery_codes where subject_id = $1", person.id)
    assert {len(row["code_hmac"]) for row in hashes} == {32}
    for code in enrolled.recovery_codes:
        assert code not in text
        assert code.replace("-", "").encode().hex() not in text


async def test_with_the_account_every_trace_of_the_factor_is_removed(
    house: House, person: Person, enrolled: Enrolled
):  # ORD-2
    assert kind(await house.ask("POST", "/me/deletion", PROOF, enrolled.token)) == (403, "second-factor-needed")
    proof = {**PROOF, "code": enrolled.app.code()}
    assert (await house.ask("POST", "/me/deletion", proof, enrolled.token))[0] == 200

    async def gone() -> bool:
        counts = [
            (await house.home.sql(f"select count(*) as n from {table} where subject_id = $1", person.id))[0]["n"]
            for table in ("second_factors", "recovery_codes", "factor_history")
        ]
        return not any(counts)

    await until(gone, what="the factor to be removed")
    assert kind(await signs_in(house, person, enrolled.app.code())) == (401, "sign-in-refused")


async def test_an_operator_resets_a_lost_factor_on_record(house: House):  # ORD-1
    clerk = await house.clerk(await house.open_tenant(), "support")
    enrolled = await enrols(house, clerk)
    assert kind(await signs_in(house, clerk)) == NEEDED
    words = ["--tenant", clerk.tenant, "--email", clerk.email]
    done = await house.run("second-factor", "reset", *words)
    assert (done.exit_code, done.output.strip()) == (0, "reset")
    assert (await house.ask("POST", "/refresh", {"refresh_token": enrolled.tokens["refresh_token"]}))[0] == 401
    await house.sign_in(clerk)
    assert (await house.run("second-factor", "reset", *words)).output.strip() == "there was none"
    lines = (await house.run("second-factor", "history", *words)).output.strip().splitlines()
    assert [line.split("  ", 1)[1] for line in lines] == [
        "a second factor was added",
        "the second factor was reset by an operator",
    ]
    unknown = await house.run("second-factor", "reset", "--tenant", clerk.tenant, "--email", "nobody@example.org")
    assert (unknown.exit_code, "Nobody signs in" in unknown.output) == (1, True)
