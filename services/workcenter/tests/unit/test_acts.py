"""What acts of the audit log were about, and the pages that show it."""

from typing import Any

import pytest
from workcenter.domain.acts import About, about, choices, sentence

SENTENCES = {"orders": {"POST /x": "changed {what}"}, "every": {"migrate": "brought it up", "POST /y": "b"}}


def act(kind: str, object_id: str, **after: Any) -> dict[str, Any]:
    return {"kind": kind, "object": object_id, "before": {}, "after": after}


@pytest.mark.parametrize(
    ("worded", "expected"),
    [
        (act("order", "o"), About("order", "o", "/orders/o")),
        (act("refund", "r", order="o"), About("order", "o", "/orders/o")),
        (act("device", "d", order="o", license="l"), About("order", "o", "/orders/o")),
        (act("grant", "g", order="o", link=2), About("order", "o", "/orders/o")),
        (act("email", "e", order="o"), About("order", "o", "/orders/o")),
        (act("message", "m", conversation="c"), About("conversation", "c", "/conversations/c")),
        (act("legal hold", "h", conversation="c"), About("conversation", "c", "/conversations/c")),
        (act("price", "p", sku="A-1"), About("settings", "A-1", "/skus/A-1")),
        (act("file", "A-1/setup.exe"), About("file", "A-1/setup.exe", "/skus/A-1")),
        (act("export", "e", conversation="c"), About("export", "e", "/cases/exports")),
        (act("migrations", "orders", number=1), About("migrations", "orders")),
        (act("refund", "r", order={"sealed": "x"}), About("refund", "r")),
        (act("order", ""), About("order", "")),
    ],
)
def test_an_act_leads_to_what_it_was_about(worded: dict[str, Any], expected: About):
    assert about(worded) == expected


def test_a_sentence_is_that_of_the_service_or_of_every_one():
    assert sentence(SENTENCES, "orders", "POST /x") == "changed {what}"
    assert sentence(SENTENCES, "catalog", "POST /x") == ""
    assert sentence(SENTENCES, "catalog", "migrate") == "brought it up"
    assert sentence(SENTENCES, "orders", "orders migrate") == "brought it up"  # as the suite's program calls it


def test_the_filter_has_plain_names_in_order():
    assert choices(SENTENCES, "orders") == [("POST /y", "b"), ("migrate", "brought it up"), ("POST /x", "changed …")]
    assert choices(SENTENCES, "catalog") == [("POST /y", "b"), ("migrate", "brought it up")]
