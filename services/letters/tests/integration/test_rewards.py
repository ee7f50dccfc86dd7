"""A member hears of each step of a reward, once and in their language. REW-10"""

import json
from typing import Any
from uuid import uuid4

import pytest
from chassis.identity.sealing import seal
from chassis_testing import Harness, until
from contracts.accounts import EmailChanged, TenantOpened
from contracts.event import Event, SubjectKey
from contracts.rewards import Addressee, RewardFailed, RewardFulfilled, RewardRedeemed

from .catcher import Catcher

CODE = "DINNER-4711"


class Member:
    """A member of a programme who is written to, and what rewards publishes of one redemption of theirs."""

    def __init__(self, home: Harness, language: str = "de") -> None:
        self.redemption = uuid4()
        self.email = f"m{self.redemption.hex}@example.org"
        claims = home.accounts.person_claims(email=self.email)
        self.contact = SubjectKey.model_validate_json(json.dumps(claims["keys"]["contact"]))
        boxes = {"name": claims["name_contact"], "email": claims["email_contact"]}
        self.addressee = Addressee.model_validate_json(json.dumps({"language": language, **boxes}))

    def step(self, event: type[Event], **changes: Any) -> Event:
        facts = {"redemption": self.redemption, "member": uuid4(), "addressee": self.addressee}
        return event.model_validate({**event.EXAMPLE, **facts, **changes})


@pytest.mark.parametrize(
    ("language", "subjects"),
    [
        ("de", ["Ihre Prämie: Flug über 1600 km", "Gutgeschrieben: Flug über 1600 km"]),
        ("en", ["Your reward: Flug über 1600 km", "Credited: Flug über 1600 km"]),
    ],
)
async def test_each_step_is_told_once(home: Harness, catcher: Catcher, language: str, subjects: list[str]):
    seller = TenantOpened.model_validate(TenantOpened.EXAMPLE).sellers[0].model_copy(update={"records_keys": []})
    await home.publish(TenantOpened(tenant="kontor", name="Kontor", sellers=[seller]))
    await home.settled()
    member = Member(home, language)
    redeemed, event_id = member.step(RewardRedeemed), uuid4()
    await home.publish(redeemed, event_id=event_id)
    await home.publish(redeemed, event_id=event_id)
    await home.publish(redeemed)
    (asked,) = await catcher.mails(member.email)
    done = member.step(RewardFulfilled, kind="miles", reward_title=RewardRedeemed.EXAMPLE["reward_title"], code=None)
    await home.publish(done, done, redeemed)
    letters = await catcher.mails(member.email, 2)
    await home.settled()
    assert [letter["subject"] for letter in await catcher.mails(member.email, 2)] == subjects
    assert "6000" in asked["text"]
    for letter in letters:
        for text in (letter["text"], letter["html"]):
            assert "Erika Musterfrau" in text
            assert "Kontor Software GmbH" in text
            assert "+49 40 5550100" in text
    async with catcher.http.get(f"/mails/{asked['id']}.eml") as answer:
        assert b'\r\nReply-To: "Kontor Software GmbH" <service@kontor.example>\r\n' in await answer.read()


async def test_a_vouchers_code_is_opened_for_its_letter_alone(home: Harness, calm: Catcher):  # L16 M26
    member = Member(home)
    done = member.step(RewardFulfilled, code=seal(CODE, member.contact, "voucher_code"))
    await calm.faults(refuse={"code": 451, "text": "later", "at": "rcpt", "to": member.email, "times": 1})
    # the points are spent in the same moment, and the letter with the code says it
    await home.publish(done, member.step(RewardRedeemed, kind="voucher", reward="restaurant-voucher"))
    await home.settled()
    home.shift_clock(16)
    (letter,) = await calm.mails(member.email)
    assert letter["subject"] == "Ihr Gutschein: Restaurantgutschein über 25 EUR"
    assert CODE in letter["text"]
    assert CODE in letter["html"]
    await home.settled()
    (row,) = await home.sql("select * from notifications where subject = $1", member.redemption)
    assert (row["state"], row["name_box"], row["email_box"], row["secret_box"]) == ("sent", None, None, None)


async def test_what_is_delivered_already_is_not_announced_any_more(home: Harness, catcher: Catcher):
    member = Member(home)
    await home.publish(member.step(RewardFulfilled, kind="miles", code=None))
    await home.settled()
    await home.publish(member.step(RewardRedeemed))
    await home.settled()
    await catcher.mails(member.email)
    rows = await home.sql("select about from notifications where subject = $1", member.redemption)
    assert [row["about"] for row in rows] == ["miles"]


async def test_what_fails_says_that_the_points_are_back_and_follows_the_customer(home: Harness, calm: Catcher):
    member, moved = Member(home), f"moved-{uuid4().hex}@example.org"
    await calm.faults(refuse={"code": 550, "text": f"No user {member.email}", "at": "rcpt", "to": member.email})
    await home.publish(member.step(RewardFailed))

    async def bounced(tenant: str = "kontor") -> list[dict[str, Any]]:
        support = home.bearer(home.accounts.token(uuid4(), "support", tenant=tenant))
        async with home.http.get("/bounced-notifications", params={"limit": "1"}, headers=support) as answer:
            assert answer.status == 200, await answer.text()
            return [item for item in (await answer.json())["items"] if item["subject"] == str(member.redemption)]

    (item,) = await until(bounced, what="a letter that bounces")
    assert (item["about"], item["code"], item["answer"]) == ("failed", 550, "No user ***")
    assert await bounced("elsewhere") == []
    box = seal(moved, member.contact, "email")
    at = home.clock.now()
    await home.publish(EmailChanged(tenant="kontor", customer=uuid4(), changed_at=at, email_contact=box))
    (letter,) = await calm.mails(moved)
    assert letter["subject"] == "Nicht lieferbar: Flug über 1600 km"
    assert "6000 Punkte haben Sie zurück" in " ".join(letter["text"].split())
    await home.settled()
    assert await bounced() == []


async def test_a_member_of_whom_nothing_is_known_has_no_letter(home: Harness):
    member = Member(home)
    for event in (RewardRedeemed, RewardFulfilled, RewardFailed):
        await home.publish(member.step(event, addressee=None))
    await home.settled()
    assert await home.sql("select from notifications where subject = $1", member.redemption) == []
    assert await home.sql("select from chassis.parked") == []
