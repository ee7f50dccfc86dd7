"""The routes of mail-relay and the statuses of its refusals."""

from chassis.web import Routes

from mail_relay.domain.admission import NotTaken
from mail_relay.domain.claim import (
    AlreadyOpen,
    ClaimUnknown,
    ContactFirst,
    NotAppealable,
    NotDecidable,
    NothingToClaim,
    SameReviewer,
    TooEarly,
)
from mail_relay.domain.conversation import ConversationUnknown, NothingCritical, SellerUnknown, SellerUnreachable
from mail_relay.domain.export import ExportNotOpen, ExportNotReleased, ExportUnknown, ForeignExport, OwnExport
from mail_relay.domain.judgement import AlreadyDecided, JudgementUnknown, NothingToAppeal
from mail_relay.domain.legal_hold import HoldUnknown
from mail_relay.domain.policy.handling import InThePast, TooSoon
from mail_relay.domain.thread import FileUnknown
from mail_relay.domain.writer import TooManyWriters, WriterUnfit, WriterUnknown
from mail_relay.usecases.receiving import RateReached
from mail_relay.web import (
    carrying,
    choices,
    claims,
    conversations,
    customers,
    exports,
    held,
    holds,
    policies,
    posting,
    review,
    threads,
    writers,
)

ROUTES = Routes(
    conversations.routes,
    review.routes,
    exports.routes,
    holds.routes,
    policies.routes,
    held.routes,
    claims.routes,
    choices.routes,
    customers.routes,
    writers.routes,
    posting.routes,
    carrying.routes,
    threads.routes,
    errors={
        ConversationUnknown: 404,
        FileUnknown: 404,
        SellerUnknown: 404,
        SellerUnreachable: 409,
        JudgementUnknown: 404,
        AlreadyDecided: 409,
        NothingToAppeal: 409,
        NothingCritical: 409,
        ExportUnknown: 404,
        HoldUnknown: 404,
        OwnExport: 403,
        ForeignExport: 403,
        ExportNotReleased: 409,
        ExportNotOpen: 409,
        ClaimUnknown: 404,
        AlreadyOpen: 409,
        ContactFirst: 409,
        NotAppealable: 409,
        NotDecidable: 409,
        NothingToClaim: 409,
        SameReviewer: 409,
        TooEarly: 409,
        NotTaken: 422,
        RateReached: 429,
        TooSoon: 422,
        InThePast: 422,
        WriterUnfit: 422,
        WriterUnknown: 404,
        TooManyWriters: 409,
    },
)
