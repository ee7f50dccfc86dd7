"""The routes of mail-relay and the statuses of its refusals."""

from chassis.web import Routes

from mail_relay.domain.conversation import ConversationUnknown, SellerUnknown, SellerUnreachable
from mail_relay.web import conversations, review

ROUTES = Routes(
    conversations.routes,
    review.routes,
    errors={ConversationUnknown: 404, SellerUnknown: 404, SellerUnreachable: 409},
)
