"""The page of what runs with what is as the contracts are; that they are as the services are, `suite` shows."""

from journeys.compatibility import PAGE, rendered, version_of
from stack.stack import ROOT


def test_E21_the_page_names_every_topic_with_its_version_and_who_needs_it():
    assert (ROOT / PAGE).read_text() == rendered(ROOT), "run  python -m journeys compatibility"
    (row,) = [line for line in rendered(ROOT).splitlines() if line.startswith("| PaymentCaptured |")]
    assert row == "| PaymentCaptured | 1 |  |  | c | p |  |  |  |  |  | c |  |  |"
    assert (version_of("OrderPaid"), version_of("OrderPaid.v2")) == (1, 2)
