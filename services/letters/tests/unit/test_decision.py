"""Which e-mails are due, whatever came first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from letters.domain.agreement import Agreement, Instructions, Seller
from letters.domain.contents import contents, delivered
from letters.domain.decision import DueEmail, acknowledge_at, decide
from letters.domain.email import Email, Kind, State
from letters.domain.order import Extension, Key, Link, Order, Refund, Repayment, Unit

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
PAYMENT = UUID(int=1)
ORDER = UUID(int=2)
AGREEMENT = Agreement("de", False, "EUR", 18403, 21900, Seller("Kontor", "Hamburg", "DE1"), (), "", ())
INSTRUCTIONS = Instructions("RF18", "DE02", "BIC", "Kontor", 21900, START)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def unit(number: int, line: int = 1, *, paid: float = 5, keyed: bool = True, **more: object) -> Unit:
    known = Unit(UUID(int=100 + number), UUID(int=line), PAYMENT, at(paid), at(paid), None, None, True, keyed)
    return replace(known, **more)  # pyright: ignore[reportArgumentType] -- a test gives what it likes


def link(units: list[Unit], sequence: int = 1, **more: object) -> Link:
    ids = frozenset(one.id for one in units)
    found = Link(uuid4().bytes, units[0].line_id, units[0].line_id, ids, sequence, "box", at(9_999), 5)
    return replace(found, **more)  # pyright: ignore[reportArgumentType] -- a test gives what it likes


def key(of: Unit, **more: object) -> Key:
    found = Key(UUID(int=of.id.int + 1000), of.id, of.line_id, "box")
    return replace(found, **more)  # pyright: ignore[reportArgumentType] -- a test gives what it likes


def order(**facts: object) -> Order:
    agreed = acknowledge_at(START, START)
    known = Order("kontor", ORDER, "direct", "DE", "kontor", "K-1", START, AGREEMENT, "name", "email", agreed)
    return replace(known, **facts)  # pyright: ignore[reportArgumentType] -- a test gives what it likes


def email(sequence: int = 1, state: State = State.WAITING, kind: Kind = Kind.DELIVERY) -> Email:
    return Email(UUID(int=sequence), ORDER, kind, sequence, state, START, START)


def kinds(known: Order, now: datetime) -> list[str]:
    return [due.kind.value for due in decide(known, now).due]


def test_nothing_is_written_before_the_order_is_known():
    one = unit(1)
    known = order(agreement=None, acknowledge_at=None, units=(one,), links=(link([one]),), keys=(key(one),))
    assert decide(known, at(9_999)) == decide(order(agreement=None, acknowledge_at=None), at(0))


def test_an_unpaid_order_is_acknowledged_after_exactly_60_seconds():
    assert kinds(order(), at(59.999)) == []
    assert decide(order(), at(59)).conclude_at == at(60)
    assert kinds(order(), at(60)) == ["acknowledgement"]


def test_an_order_known_late_waits_ten_seconds_for_its_payment():
    assert acknowledge_at(START, at(600)) == at(610)


def test_a_payment_at_60_seconds_is_combined_and_one_later_is_not():
    for paid, expected in ((60, ["delivery"]), (60.001, ["acknowledgement", "delivery"])):
        one = unit(1, paid=paid)
        assert kinds(order(units=(one,), links=(link([one]),), keys=(key(one),)), at(61)) == expected


def test_a_transfer_is_acknowledged_when_it_is_requested_and_not_before():
    by_transfer = replace(AGREEMENT, by_transfer=True)
    assert kinds(order(agreement=by_transfer), at(999)) == []
    assert kinds(order(agreement=by_transfer, transfer=INSTRUCTIONS), at(0)) == ["acknowledgement"]


# E10: five minutes to the second
def test_patience_ends_five_minutes_after_the_payment_was_known():
    known = order(units=(unit(1),))
    assert kinds(known, at(304.999)) == []
    assert decide(known, at(10)).conclude_at == at(305)
    assert kinds(known, at(305)) == ["delivery"]


def test_patience_for_a_later_release_begins_with_it():
    waiting = unit(1, deliver_from=at(1_000))
    known = order(units=(waiting,), emails=(email(kind=Kind.ACKNOWLEDGEMENT, state=State.SENT),))
    assert decide(known, at(10)).conclude_at == at(1_000)
    assert decide(known, at(1_000)).conclude_at == at(1_300)
    assert kinds(known, at(1_300)) == ["delivery"]


def test_lines_of_one_release_share_an_email_and_releases_do_not():
    together, too, later = unit(1), unit(2, line=2), unit(3, line=3, deliver_from=at(100), promised_from=at(100))
    parts = order(
        units=(together, too, later),
        links=tuple(link([one]) for one in (together, too, later)),
        keys=tuple(key(one) for one in (together, too, later)),
    )
    first = decide(parts, at(6)).due
    assert first == (DueEmail(Kind.DELIVERY, (together.id, too.id)),)
    assert len(decide(parts, at(100)).due) == 2


def test_whether_it_is_combined_does_not_depend_on_a_release_known_later():
    waiting = unit(1, promised_from=at(9_999), deliver_from=at(9_999))
    released = replace(waiting, deliver_from=at(0))
    for one in (waiting, released):
        assert kinds(order(units=(one,)), at(6)) == ["acknowledgement"]


def test_a_notice_waits_for_its_reason_five_minutes():
    repaid = Repayment(UUID(int=7), UUID(int=8), 1, "EUR", at(0), at(0))
    quiet = order(quiet=True, repayments=(repaid,))
    assert kinds(quiet, at(299)) == []
    assert kinds(quiet, at(300)) == ["refund"]
    assert kinds(replace(quiet, refunds=(Refund(UUID(int=8), frozenset(), "goodwill"),)), at(0)) == ["refund"]


def test_an_older_token_known_late_is_not_mailed():
    one = unit(1, announced_in=1, keyed=False)
    known = order(
        units=(one,),
        links=(link([one], sequence=2, emailed_in=1), link([one], sequence=1)),
        emails=(email(state=State.SENT),),
    )
    assert kinds(known, at(6)) == []


# E26: the same link comes to cover a unit that is paid later
def test_a_link_that_was_mailed_is_carried_again_to_a_unit_that_joined_it():
    one, two = unit(1, announced_in=1, keyed=False), unit(2, announced_in=2, keyed=False)
    mailed = link([one], emailed_in=1)
    joined = replace(mailed, unit_ids=frozenset({two.id}), emailed_in=None)
    sent = email(state=State.SENT)
    known = order(units=(one, two), links=(mailed, joined), emails=(sent, email(2)))
    found = contents(known, email(2))
    assert found is not None
    assert found.links == (joined,)
    assert delivered(replace(known, links=(mailed, replace(joined, emailed_in=2))), email(2)) == (two.id,)


def test_an_email_takes_a_link_for_the_units_that_it_mentions_and_no_others():
    one, two = unit(1, announced_in=1, keyed=False), unit(2, keyed=False)
    known = order(units=(one, two), links=(link([one, two]),), emails=(email(),))
    found = contents(known, email())
    assert found is not None
    assert [carried.unit_ids for carried in found.links] == [frozenset({one.id})]


def test_a_key_that_comes_while_the_email_is_on_its_way_follows_in_another():
    one = unit(1, announced_in=1)
    taken, fresh = link([one], emailed_in=1), key(one)
    known = order(units=(one,), links=(taken,), keys=(fresh,), emails=(email(state=State.SENDING),))
    assert kinds(known, at(6)) == ["delivery"]


def test_a_new_email_takes_over_what_a_bounced_one_carried():
    one = unit(1, announced_in=1)
    lost = key(one, emailed_in=1)
    again = link([one], sequence=2)
    known = order(
        units=(one,),
        links=(link([one], emailed_in=1), again),
        keys=(lost,),
        emails=(email(state=State.BOUNCED), email(2)),
    )
    found = contents(known, email(2))
    assert found is not None
    assert (found.links, found.keys) == ((again,), (lost,))


def test_what_was_taken_back_is_not_carried_and_an_empty_email_is_withdrawn():
    one = unit(1, announced_in=1)
    known = order(units=(one,), links=(link([one]),), keys=(key(one),), emails=(email(),))
    assert contents(known, email()) is not None
    assert contents(replace(known, refunds=(Refund(UUID(int=8), frozenset({one.id}), "goodwill"),)), email()) is None


def test_nothing_follows_for_who_is_erased():
    one = unit(1, announced_in=1)
    known = order(units=(one,), links=(link([one]),), keys=(key(one),), emails=(email(state=State.ERASED),))
    assert kinds(known, at(6)) == ["delivery"]
    assert kinds(replace(known, email_box=None), at(6)) == []


def extended(of: Link, **more: object) -> Extension:
    found = Extension(of.grant_id, of.sequence + 1, at(99_999), 7)
    return replace(found, **more)  # pyright: ignore[reportArgumentType] -- a test gives what it likes


# DEL-4
def test_a_link_that_was_mailed_is_repeated_on_its_new_terms():
    one = unit(1, announced_in=1, keyed=False)
    mailed = link([one], emailed_in=1)
    known = order(units=(one,), links=(mailed,), extensions=(extended(mailed),), emails=(email(state=State.SENT),))
    assert kinds(known, at(6)) == ["extension"]
    due = email(2, kind=Kind.EXTENSION)
    found = contents(replace(known, emails=(*known.emails, due)), due)
    assert found is not None
    assert [(carried.valid_until, carried.download_limit) for carried in found.links] == [(at(99_999), 7)]
    assert found.parts == []


def test_new_terms_are_no_letter_of_their_own_where_a_letter_brings_them():
    one = unit(1, announced_in=1, keyed=False)
    mailed, sent = link([one], emailed_in=1), email(state=State.SENT)
    facts = {"units": (one,), "links": (mailed,), "emails": (sent,)}
    assert kinds(order(**facts, extensions=(extended(mailed, emailed_in=1),)), at(6)) == []
    assert kinds(order(**facts, extensions=(extended(mailed, sequence=0),)), at(6)) == []
    taken_back = (Refund(UUID(int=8), frozenset({one.id}), "goodwill"),)
    assert kinds(order(**facts, extensions=(extended(mailed),), refunds=taken_back), at(6)) == []
    waiting = email(2, kind=Kind.EXTENSION)
    assert kinds(order(**facts | {"emails": (sent, waiting)}, extensions=(extended(mailed),)), at(6)) == []
    unmailed = replace(mailed, emailed_in=None)
    first = order(units=(one,), links=(unmailed,), extensions=(extended(mailed),), emails=(email(),))
    assert kinds(first, at(6)) == []
    found = contents(first, email())
    assert found is not None
    assert [carried.download_limit for carried in found.links] == [7]


FACTS = st.fixed_dictionaries(
    {
        "announced": st.lists(st.sampled_from([None, 1, 2]), min_size=2, max_size=2),
        "linked": st.sampled_from([None, 1, 2]),
        "keyed": st.sampled_from([None, 1, 2]),
        "states": st.lists(st.sampled_from(State), min_size=2, max_size=2),
        "extended": st.sampled_from([None, 1, 2]),
        "gone": st.booleans(),
    }
)


@given(FACTS)
def test_an_email_that_is_due_is_not_empty(facts: dict[str, Any]):
    """Else it would be withdrawn, due again, and so on without end."""
    units = [unit(number, announced_in=known) for number, known in enumerate(facts["announced"])]
    mailed = link(units, emailed_in=facts["linked"])
    known = order(
        quiet=True,
        units=tuple(units),
        links=(mailed,),
        keys=(key(units[0], emailed_in=facts["keyed"]), key(units[1])),
        extensions=(extended(mailed, emailed_in=facts["extended"]),),
        refunds=(Refund(UUID(int=8), frozenset({units[0].id}), "goodwill"),) if facts["gone"] else (),
        emails=tuple(email(number, state) for number, state in enumerate(facts["states"], 1)),
    )
    for sequence, due in enumerate(decide(known, at(6)).due, 3):
        new = email(sequence, kind=due.kind)
        mentioned = [replace(one, announced_in=sequence) if one.id in due.unit_ids else one for one in units]
        then = replace(known, units=tuple(mentioned), emails=(*known.emails, new))
        assert contents(then, new) is not None


# LIC-3: a unit is delivered by the e-mail that completes it
def test_a_unit_is_delivered_when_link_and_key_were_both_sent():
    one = unit(1, announced_in=1)
    carried = link([one], emailed_in=1)
    half = order(units=(one,), links=(carried,), emails=(email(),))
    assert delivered(half, email()) == ()
    whole = replace(half, keys=(key(one, emailed_in=2),), emails=(email(state=State.SENT), email(2)))
    assert delivered(whole, email(2)) == (one.id,)
    bounced = replace(whole, emails=(email(state=State.BOUNCED), email(2)))
    assert delivered(bounced, email(2)) == ()


@given(st.permutations(range(6)), st.integers(0, 6))
def test_no_email_is_due_before_everything_is_there_and_then_exactly_one(arrival: list[int], known_parts: int):
    units = [unit(1), unit(2), unit(3, line=2, keyed=False)]
    facts = [link(units[:2]), key(units[0]), key(units[1]), link(units[2:]), None, None]
    recorded = [facts[number] for number in arrival[:known_parts]]
    known = order(
        units=tuple(units),
        links=tuple(fact for fact in recorded if isinstance(fact, Link)),
        keys=tuple(fact for fact in recorded if isinstance(fact, Key)),
    )
    complete = len(known.links) == len(known.keys) == 2
    assert kinds(known, at(6)) == (["delivery"] if complete else [])
