"""What a partner is known by, and what it may do at the broker."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
import yaml
from chassis.db import Tx
from chassis.lists import FileRefused
from contracts.partner import partner_topics
from partners.commands import file
from partners.commands.objects import objects
from partners.domain.facts import Aggregate, Fact, numbered
from partners.domain.partner import prefix_of, pseudonym, topic_of
from partners.usecases.sending import publish
from partners.usecases.vault import Vault

WHOLE = b"id: nord-licht\ntenant: kontor\nchannels: [nord-licht, nord-2]\n"


def fact(key: str, channel: str | None) -> Fact:
    return Fact("kontor", "OrderPaid", key, channel, datetime(2026, 11, 2, tzinfo=UTC), b'{"id":"1"}', None, None)


def test_a_prefix_is_of_one_partner_only():
    assert topic_of("nord", "OrderPaid.v2") == "partner.nord.OrderPaid.v2"
    assert not topic_of("nord-licht", "OrderPaid").startswith(prefix_of("nord"))


def test_two_partners_know_a_customer_by_different_names_and_each_by_one():
    assert pseudonym(b"a", b"customer") == pseudonym(b"a", b"customer")
    assert len({pseudonym(key, who) for key in (b"a", b"b") for who in (b"x", b"y")}) == 4


def test_a_batch_of_several_channels_goes_to_the_readers_of_each():
    tx = Tx(cast("Any", None), datetime(2026, 11, 2, tzinfo=UTC))
    readers = {("kontor", "north"): ["nord", "both"], ("kontor", "south"): ["both"], ("other", "south"): ["west"]}
    publish(tx, [fact("1", "north"), fact("2", "south"), fact("3", None)], readers, Vault.from_secret(b"a"))
    sent = [(topic, key) for _, topic, key, *_ in tx.outgoing]
    assert sent == [("partner.nord.OrderPaid", "1"), ("partner.both.OrderPaid", "1"), ("partner.both.OrderPaid", "2")]


def test_facts_are_numbered_after_those_that_their_aggregate_has_had():
    known = {("kontor", "1"): Aggregate("kontor", "1", "north", 5), ("kontor", "2"): Aggregate("kontor", "2", None, 1)}
    found = numbered([fact("1", None), fact("2", None), fact("1", "north")], known)
    seen = [(one.key, one.number, one.channel) for one in found]
    assert seen == [("1", 4, "north"), ("2", 1, None), ("1", 5, "north")]
    assert found[0].content_for("x") == b'{"id":"1","sequence":"0000000000000000004","customer":"x"}'


@pytest.mark.parametrize(
    "wrong",
    [
        WHOLE.replace(b"nord-licht\nt", b"Nord.Licht\nt"),
        WHOLE.replace(b"id: nord-licht\n", b""),
        WHOLE.replace(b"[nord-licht, nord-2]", b"[]"),
        WHOLE + b"password: mine\n",
        b"",
    ],
)
def test_a_file_that_is_not_a_partner_is_refused(wrong: bytes):
    assert file.read(WHOLE).channels == ["nord-licht", "nord-2"]
    with pytest.raises(FileRefused):
        file.read(wrong)


def test_PLT_6_strimzi_is_given_the_same_access():
    user, *topics = yaml.safe_load_all(objects("nord", "", "shop", 1024))
    assert user["metadata"] == {"name": "partner.nord", "labels": {"strimzi.io/cluster": "shop"}}
    acls = user["spec"]["authorization"]["acls"]
    assert {(one["resource"]["type"], one["resource"]["name"], one["resource"]["patternType"]) for one in acls} == {
        ("topic", "partner.nord.", "prefix"),
        ("group", "partner.nord.", "prefix"),
    }
    assert not [one for one in acls if "Write" in one["operations"]]
    assert {one["spec"]["topicName"] for one in topics} == {f"partner.nord.{one.name}" for one in partner_topics()}
    assert len({one["metadata"]["name"] for one in topics}) == len(topics)
    assert {one["spec"]["config"]["compression.type"] for one in topics} == {"gzip"}  # what every client can read
