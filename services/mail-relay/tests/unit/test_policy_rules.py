"""Policies, opt-out, typed messages and rates: MAIL-10, MAIL-11, MAIL-12, MAIL-17, MAIL-18."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from mail_relay.domain.policy.finding import Finding, Kind
from mail_relay.domain.policy.limits import Counts, Limited, Limits, reached
from mail_relay.domain.policy.optout import is_critical, is_flagged, may_pass
from mail_relay.domain.policy.order_message import (
    MessageType,
    OrderState,
    Progress,
    Reason,
    allowed_types,
    may_come_unasked,
    offer,
    refusal,
    type_of,
)
from mail_relay.domain.policy.policy import Action, Decision, Measure, Policy, decide, valid_at

NOW = datetime(2026, 11, 29, 8, tzinfo=UTC)
DAY = timedelta(days=1)
MAIL = Finding(Kind.EMAIL, 0, 5, 0.9, "email.plain")
LINK = Finding(Kind.LINK, 9, 12, 0.8, "link.domain")
ACCOUNT = Finding(Kind.ACCOUNT, 20, 42, 0.99, "account.iban")


def test_a_message_is_judged_by_the_version_that_was_valid_when_it_was_written():  # MAIL-18
    lenient = Policy(1, NOW - 10 * DAY, {})
    strict = Policy(2, NOW, {Kind.EMAIL: Measure(Action.BLOCK, 0.5)})
    corrected = Policy(3, NOW, {Kind.EMAIL: Measure(Action.WARN, 0.5)})
    assert valid_at([strict, lenient], NOW - timedelta(seconds=1)) is lenient
    assert valid_at([strict, lenient], NOW) is strict
    assert valid_at([strict, corrected, lenient], NOW) is corrected
    assert valid_at([strict, lenient], NOW - 11 * DAY) is None
    assert decide(None, [MAIL]).action is Action.PASS
    assert decide(lenient, [MAIL]) == Decision(Action.PASS, 1, None)


def test_the_strictest_measure_decides_and_names_its_rule():  # MAIL-10
    policy = Policy(
        1,
        NOW,
        {
            Kind.EMAIL: Measure(Action.WARN, 0.5),
            Kind.ACCOUNT: Measure(Action.BLOCK, 0.9),
            Kind.LINK: Measure(Action.HOLD, 0.9),
        },
    )
    assert decide(policy, [MAIL, LINK, ACCOUNT]) == Decision(Action.BLOCK, 1, ACCOUNT)
    other = Policy(1, NOW, {Kind.EMAIL: Measure(Action.BLOCK, 0.5), Kind.ACCOUNT: Measure(Action.WARN, 0.5)})
    assert decide(other, [ACCOUNT, MAIL]) == Decision(Action.BLOCK, 1, MAIL)
    assert decide(policy, [LINK]).action is Action.PASS


@pytest.mark.parametrize(
    "subject",
    [
        "[Wichtig] Rückruf",
        "[Important] recall",
        "Re: [IMPORTANT] x",
        "AW: Fwd: [wichtig] x",
        "WG: [Wichtig]x",
        "RE[2]: [Important]",
        "【Wichtig】 x",
        "［Ｉｍｐｏｒｔａｎｔ］ x",
        "「important」",
        "[\u200bWichtig] x",
        "[Wiсhtig] x",
        "  [ Important ] x",
    ],
)
def test_a_critical_subject_passes_to_who_opted_out(subject: str):  # MAIL-11
    assert is_critical(subject)
    assert may_pass(subject, opted_out=True)


@pytest.mark.parametrize(
    "subject",
    [
        "Wichtig: x",
        "Angebot [Wichtig]",
        "[Wichtiges Angebot]",
        "important",
        "[Unimportant]",
        "Re: Frage [Important]",
        "",
    ],
)
def test_another_subject_passes_only_to_who_did_not_opt_out(subject: str):  # MAIL-11
    assert not may_pass(subject, opted_out=True)
    assert may_pass(subject, opted_out=False)


def test_the_third_misuse_within_90_days_flags():  # MAIL-11
    assert not is_flagged([NOW, NOW - DAY], NOW)
    assert is_flagged([NOW, NOW - DAY, NOW - 89 * DAY], NOW)
    assert not is_flagged([NOW, NOW - DAY, NOW - 90 * DAY], NOW)
    assert not is_flagged([NOW, NOW - DAY, NOW + DAY], NOW)


def test_a_type_that_does_not_belong_to_the_orders_state_is_refused_with_the_states_that_it_belongs_to():  # MAIL-12
    for state in (OrderState.PLACED, OrderState.REFUNDED, OrderState.CANCELLED, OrderState.CLOSED):
        refused = refusal(MessageType.ACCESS_KEY, state, "KEY")
        assert refused
        assert (refused.reason, refused.states) == (Reason.NOT_IN_THIS_STATE, {OrderState.PAID, OrderState.DELIVERED})
    assert refusal(MessageType.ACCESS_KEY, OrderState.PAID, "KEY") is None
    assert allowed_types(OrderState.CANCELLED) == {MessageType.LEGAL_DISCLOSURE}
    assert allowed_types(OrderState.PAID) == set(MessageType)


@pytest.mark.parametrize(
    ("kind", "longest"),
    [
        (MessageType.ACCESS_KEY, 400),
        (MessageType.INVOICE, 800),
        (MessageType.QUESTION, 800),
        (MessageType.PROBLEM, 2000),
        (MessageType.LEGAL_DISCLOSURE, 2000),
    ],
)
def test_lengths_are_bounded_by_type(kind: MessageType, longest: int):  # MAIL-12
    assert refusal(kind, OrderState.PAID, "ä" * longest + "\r\n") is None
    refused = refusal(kind, OrderState.PAID, "x" * (longest + 1))
    assert refused
    assert (refused.reason, refused.longest) == (Reason.TOO_LONG, longest)
    empty = refusal(kind, OrderState.PAID, " \r\n")
    assert empty
    assert empty.reason is Reason.EMPTY


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Zugangsschl\u00fcssel", MessageType.ACCESS_KEY),
        ("[Access key] yours", MessageType.ACCESS_KEY),
        ("AW: Rechnung 2026-1", MessageType.INVOICE),
        ("invoice: 7", MessageType.INVOICE),
        ("Problem mit der Aktivierung", MessageType.PROBLEM),
        ("\u3010Frage\u3011", MessageType.QUESTION),
        ("Question?", MessageType.QUESTION),
        ("Rechtlicher Hinweis", MessageType.LEGAL_DISCLOSURE),
        ("Legal disclosure", MessageType.LEGAL_DISCLOSURE),
        ("Fragebogen", None),
        ("Rechnungsprogramm g\u00fcnstig", None),
        ("Keine Frage: Rabatt", None),
        ("", None),
    ],
)
def test_a_subject_begins_with_its_type(subject: str, kind: MessageType | None):  # MAIL-12
    assert type_of(subject) is kind


def test_unasked_comes_what_is_critical_or_fits_the_order():  # MAIL-12
    assert may_come_unasked("[Important] recall", "x" * 5000, OrderState.CANCELLED)
    assert may_come_unasked("Problem", "It does not start.", OrderState.PAID)
    assert not may_come_unasked("Problem", "x" * 2001, OrderState.PAID)
    assert not may_come_unasked("Access key", "KEY", OrderState.PLACED)
    assert not may_come_unasked("Our offers", "buy", OrderState.PAID)
    assert offer({OrderState.PAID, OrderState.CLOSED}) == (
        "Invoice (up to 800 characters), Legal disclosure (up to 2000 characters)"
    )


def test_an_order_is_refunded_or_cancelled_once_all_of_it_is_and_closed_once_nobody_need_be_reached():  # MAIL-12
    one, two = UUID(int=1), UUID(int=2)
    paid = Progress(frozenset({one, two}), paid=True)
    assert Progress().state(NOW) is OrderState.PLACED
    assert paid.state(NOW) is OrderState.PAID
    assert replace(paid, refunded=frozenset({one})).state(NOW) is OrderState.PAID
    assert replace(paid, refunded=frozenset({one}), cancelled=frozenset({two})).state(NOW) is OrderState.REFUNDED
    assert replace(paid, cancelled=paid.units, contact_until=NOW).state(NOW) is OrderState.CANCELLED
    assert replace(paid, contact_until=NOW + DAY).state(NOW) is OrderState.DELIVERED
    assert replace(paid, contact_until=NOW).state(NOW) is OrderState.CLOSED


def test_the_eleventh_message_of_an_alias_in_a_minute_is_too_many():  # MAIL-17
    assert reached(Counts(9, 0), Limits()) is None
    assert reached(Counts(10, 0), Limits()) is Limited.ALIAS_MINUTE
    assert reached(Counts(0, 60), Limits()) is Limited.CONVERSATION_HOUR
    assert reached(Counts(10, 0), Limits(alias_per_minute=20)) is None
