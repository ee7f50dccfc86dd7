"""Whoever withdraws is mailed a receipt at once: content, date and time, and what follows for each line. ORD-8"""

from uuid import UUID, uuid4

import pytest
from chassis.identity.sealing import seal
from chassis_testing import Harness
from contracts.accounts import TenantOpened
from contracts.event import SubjectKey
from contracts.withdrawals import WithdrawalDeclared, WithdrawnLine

from .catcher import Catcher
from .sale import Sale, line

WORDS = {
    "de": ("Eingang Ihres Widerrufs: Bestellung ", ["Angenommen", "sofort liefern", "2. November 2026, 10:00:00"]),
    "en": ("Your withdrawal has arrived: order ", ["Accepted", "deliver at once", "2 November 2026, 10:00:00"]),
}


def declared(
    sale: Sale, key: SubjectKey, *, name: str, order: UUID | None, language: str = "de", outcomes: tuple[str, ...] = ()
) -> WithdrawalDeclared:
    lines = [
        WithdrawnLine.model_validate({"line": uuid4(), "name": "Windows Vista", "units": [uuid4()], "outcome": outcome})
        for outcome in outcomes
    ]
    facts = {
        **WithdrawalDeclared.EXAMPLE,
        "tenant": sale.tenant,
        "withdrawal": uuid4(),
        "order": order,
        "number": "K-2026-000007",
        "language": language,
        "declared_at": "2026-11-02T09:00:00Z",
        "lines": lines,
        "name": seal(name, key, "name"),
        "email": seal(sale.email, key, "email"),
    }
    return WithdrawalDeclared.model_validate(facts)


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_receipt_has_content_date_time_and_outcomes(home: Harness, calm: Catcher, language: str):
    sale = Sale(home, [line()])
    outcomes = ("taken_back", "waived", "returning", "late", "ended", "business")
    fact = declared(sale, sale.contact, name=sale.name, order=sale.order, language=language, outcomes=outcomes)
    await home.publish(fact, fact)
    (letter,) = await calm.mails(sale.email)
    subject, said = WORDS[language]
    assert letter["subject"] == f"{subject}K-2026-000007"
    for text in (" ".join(letter["text"].split()), letter["html"]):
        assert all(words in text for words in [*said, sale.name, "K-2026-000007", "Windows Vista"])


@pytest.mark.parametrize("name", ["Evil\r\nBcc: victim@example.org", "Win at casino.example now", "<b>Erika</b>"])
async def test_a_receipt_for_what_fits_no_order_carries_nothing_but_what_was_typed(
    home: Harness, calm: Catcher, name: str
):
    seller = TenantOpened.model_validate(TenantOpened.EXAMPLE).sellers[0].model_copy(update={"records_keys": []})
    await home.publish(TenantOpened(tenant="kontor", name="Kontor", sellers=[seller]))
    await home.settled()
    sale = Sale(home, [line()])
    fact = declared(sale, home.accounts.new_key(), name=name, order=None)
    await home.publish(fact, fact)
    (letter,) = await calm.mails(sale.email)
    assert letter["subject"].startswith("Eingang eines Widerrufs bei ")
    assert "K-2026-000007" in letter["text"]
    assert "casino.example" not in letter["text"] + letter["html"]
    assert "<b>" not in letter["html"]
    async with calm.http.get(f"/mails/{letter['id']}.eml") as answer:
        head = (await answer.read()).partition(b"\r\n\r\n")[0].lower()
    assert b"\r\nbcc:" not in head
    assert await home.sql("select from notifications where subject = $1 and name_box is null", fact.withdrawal)
