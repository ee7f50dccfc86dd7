"""What the provider is asked to send."""

from payments.clients.webhooks import COMPLETED, KINDS
from stack.services import WEBHOOK_EVENTS


def test_the_provider_is_asked_for_what_is_understood_and_nothing_else():  # PAY-4
    assert set(WEBHOOK_EVENTS) == {COMPLETED, *KINDS}
