"""A page that has shown recovery codes asks whether they count, before it gives them as a file. ORD-1"""

from .conftest import House, Person
from .devices import enrols

PATH = "/me/second-factor/recovery-codes"
OTHER = "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF"


async def asked(house: House, token: str, *codes: str) -> int:
    return (await house.ask("POST", f"{PATH}/current", {"recovery_codes": codes}, token))[0]


async def test_codes_that_were_just_shown_count_and_are_not_used_up(house: House, person: Person):
    enrolled = await enrols(house, person)
    for _ in range(2):
        assert await asked(house, enrolled.token, *enrolled.recovery_codes) == 204
    assert await asked(house, enrolled.token, enrolled.recovery_codes[0], OTHER) == 409
    proof = {"password": person.password, "code": enrolled.recovery_codes[0]}
    status, renewed = await house.ask("POST", PATH, proof, enrolled.token)
    assert status == 200, renewed
    assert await asked(house, enrolled.token, *enrolled.recovery_codes[1:]) == 409
    assert await asked(house, enrolled.token, *renewed["recovery_codes"]) == 204


async def test_codes_of_others_and_what_is_none_are_refused(house: House, person: Person):
    enrolled, other = await enrols(house, person), await house.register(person.tenant)
    token = (await house.sign_in(other))["access_token"]
    assert await asked(house, token, *enrolled.recovery_codes) == 409
    assert await asked(house, "", *enrolled.recovery_codes) == 401
    assert await asked(house, enrolled.token) == 422
    assert await asked(house, enrolled.token, *enrolled.recovery_codes, OTHER) == 422
    assert await asked(house, enrolled.token, "<script>") == 422
