"""What is written about while a payment is disputed."""

from dataclasses import replace

from letters.domain.contents import contents
from letters.domain.email import State

from .test_decision import at, email, key, kinds, link, order, unit


# F-P21
def test_a_letter_that_waits_while_a_payment_is_disputed_is_withdrawn_and_follows_once_that_is_won():
    bought = unit(1, announced_in=1)
    facts = {"units": (bought,), "links": (link([bought]),), "keys": (key(bought),)}
    disputed = order(**facts, emails=(email(),), disputed=True)
    assert contents(disputed, email()) is None
    withdrawn = replace(disputed, emails=(email(state=State.WITHDRAWN),))
    assert kinds(withdrawn, at(9_999)) == []
    assert kinds(replace(withdrawn, disputed=False), at(9_999)) == ["delivery"]
    # one that bounced before, and was to be sent again, carries its parts still
    carried = {"links": (link([bought], emailed_in=1),), "keys": (key(bought, emailed_in=1),)}
    revived = replace(withdrawn, **carried, disputed=False)
    assert kinds(revived, at(9_999)) == ["delivery"]
    assert contents(replace(revived, emails=(*revived.emails, email(2))), email(2)) is not None


# F-P21
def test_what_opens_nothing_anyway_is_written_about_while_a_payment_is_disputed():
    boxed = unit(1, keyed=False, download=False)
    assert kinds(order(units=(boxed,), disputed=True), at(9_999)) == ["delivery"]
    assert contents(order(units=(replace(boxed, announced_in=1),), disputed=True), email()) is not None
