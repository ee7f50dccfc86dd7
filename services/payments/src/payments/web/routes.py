"""The routes of payments and the statuses of its refusals."""

from collections.abc import Sequence
from datetime import timedelta

from chassis.identity.keyrings import KeyRings
from chassis.web import Routes

from payments.clients.provider import Provider
from payments.clients.webhooks import WebhookForged, WebhookUnreadable
from payments.domain import orders, payments, refunds, statements
from payments.web import card, saved_cards, staff, transfer

ERRORS: dict[type[Exception], int] = {
    orders.OrderUnknown: 404,
    orders.OrderLapsed: 409,
    orders.AlreadyPaid: 409,
    orders.PaidInPart: 409,
    orders.NotByCard: 409,
    orders.NotByTransfer: 409,
    orders.UnitsNotOpen: 409,
    payments.PaymentUnknown: 404,
    payments.SavedCardUnknown: 404,
    payments.ProviderRefuses: 502,
    refunds.RefundUnknown: 404,
    statements.StatementUnreadable: 422,
    statements.StatementCurrency: 422,
    statements.StatementKnown: 409,
    statements.AccountForeign: 422,
    statements.RecordsKeyMissing: 409,
    statements.EntryUnknown: 404,
    statements.EntryClosed: 409,
    statements.NotAllocatable: 409,
    statements.AllocationExceeds: 422,
    WebhookForged: 400,
    WebhookUnreadable: 400,
}


def routes(
    provider: Provider, webhook_secrets: Sequence[str], onward: str, ask_after: timedelta, keys: KeyRings
) -> Routes:
    """What payments answers."""
    routes = Routes(ERRORS)
    card.add(routes, provider, webhook_secrets, onward, ask_after)
    saved_cards.add(routes, provider)
    transfer.add(routes)
    staff.add(routes, keys)
    return routes
