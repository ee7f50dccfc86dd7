"""The routes of payments and the statuses of its refusals."""

from chassis.web import Routes

from payments.clients.webhooks import WebhookForged, WebhookUnreadable
from payments.domain import orders, payments, refunds, statements
from payments.web import books, card, saved_cards, staff, transfer

ROUTES = Routes(
    card.routes,
    saved_cards.routes,
    transfer.routes,
    staff.routes,
    books.routes,
    errors={
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
    },
)
