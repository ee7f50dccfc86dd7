"""What is copied from each service's database: what an invariant asks about, and nothing personal."""

from dataclasses import dataclass

# PostgreSQL knows no \\w in its other classes; the same pattern is used for the bytes in Kafka.
ADDRESS = r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"


@dataclass(frozen=True, slots=True)
class Copy:
    """A table of the scratch file and the query of a service's database that fills it; $1 is a tenant or null."""

    service: str
    table: str
    query: str


def _of(table: str, columns: str) -> str:
    return f"select {columns} from {table} where $1::text is null or tenant = $1"


def _addresses(table: str, text: str) -> str:
    """Return the query of the addresses in a text, of all tenants, for those of all are looked for."""
    return f"""
        select distinct found[1] as email
        from {table}, regexp_matches({text}, '({ADDRESS})', 'g') as found
        where $1::text is null or true
    """


def _each(table: str, columns: str, array: str) -> str:
    columns = f"{columns}, unnest({array}) as unit"
    return _of(table, columns)


ORDER_LINES = """
select tenant, order_id, id as line, deliver_from, details ->> 'sku' as sku, details ->> 'fulfilment' as fulfilment,
       details ->> 'key_source' as key_source, coalesce(details ->> 'keys_per', 'unit') as keys_per
from lines
where $1::text is null or tenant = $1
"""

# who has not confirmed the address is nobody yet
CUSTOMERS = """
select tenant, id as customer, erased_at
from customers
where ($1::text is null or tenant = $1)
  and not exists (select from logins where logins.tenant = customers.tenant and logins.subject_id = customers.id
                                       and logins.confirmed_at is null)
"""

COPIES = (
    Copy(
        "orders",
        "o_orders",
        _of(
            "orders",
            "tenant, id as order_id, customer_id as customer, payment_method, net, tax, gross, currency, state, "
            "closed_at",
        ),
    ),
    Copy("orders", "o_lines", ORDER_LINES),
    Copy(
        "orders",
        "o_units",
        _of(
            "units",
            "tenant, order_id, line_id as line, id as unit, net, tax, gross, paid_at, delivered_at, refunded_at, "
            "cancelled_at",
        ),
    ),
    Copy("orders", "o_refunds", _of("refunds", "tenant, id as refund, order_id, amount, reason")),
    Copy("orders", "o_refund_units", _each("refunds", "tenant, id as refund, order_id", "unit_ids")),
    Copy(
        "orders",
        "o_provider_refunds",
        _of("repayments", "tenant, id as repayment, order_id, amount, cardinality(unit_ids) as known"),
    ),
    Copy(
        "payments",
        "p_orders",
        _of("orders", "tenant, id as order_id, customer_id as customer, gross, currency, reference, requested_at"),
    ),
    Copy("payments", "p_units", _of("units", "tenant, order_id, id as unit, gross, covered_by")),
    Copy(
        "payments",
        "p_payments",
        _of(
            "payments",
            "tenant, id as payment, order_id, amount, intent_id as intent, captured_at, captured_amount, published_at",
        ),
    ),
    Copy(
        "payments",
        "p_refunds",
        _of(
            "refunds",
            "tenant, id as refund, order_id, amount, coalesce(reduced_to, amount) as to_send, state, "
            "payment_id as payment",
        ),
    ),
    Copy(
        "payments",
        "p_repayments",
        _of(
            "repayments",
            "tenant, id as repayment, provider_refund_id as provider_refund, payment_id as payment, "
            "refund_id as refund, amount, status, published_at",
        ),
    ),
    Copy("payments", "p_receipts", _of("receipts", "tenant, id as receipt, amount, order_id")),
    Copy("payments", "p_allocations", _of("allocations", "tenant, id as allocation, receipt_id as receipt, amount")),
    Copy("payments", "p_review", _of("review_entries", "tenant, reason, payment_id as payment, refund_id as refund")),
    Copy("delivery", "d_units", _of("units", "tenant, line_id as line, id as unit")),
    Copy("delivery", "d_refunded", _of("refunded_units", "tenant, unit_id as unit")),
    Copy("delivery", "d_lines", _of("lines", "tenant, order_id, id as line, sku, not_before, waiting")),
    Copy("delivery", "d_files", _of("files", "tenant, sku")),
    Copy(
        "delivery",
        "d_grants",
        _of(
            "grants",
            "tenant, id as grant_id, order_id, line_id as line, encode(token_hash, 'hex') as token, revoked_at, reason",
        ),
    ),
    Copy(
        "delivery", "d_grant_units", _each("grants", "tenant, id as grant_id, line_id as line, revoked_at", "unit_ids")
    ),
    Copy(
        "licensing",
        "l_units",
        _of(
            "units",
            "tenant, order_id, line_id as line, id as unit, sku, key_source, release_at, state, license_id as license, "
            "encode(fingerprint, 'hex') as fingerprint",
        ),
    ),
    Copy(
        "licensing",
        "l_serials",
        _of(
            "serials",
            "tenant, sku, encode(fingerprint, 'hex') as fingerprint, unit_id as unit, box is not null as kept",
        ),
    ),
    Copy("licensing", "l_stocks", _of("stocks", "tenant, sku, available")),
    Copy(
        "letters",
        "m_units",
        _of(
            "paid_units",
            "tenant, order_id, id as unit, line_id as line, payment_id as payment, paid_at, deliver_from, download, "
            "keyed, announced_in, delivered_in",
        ),
    ),
    Copy("letters", "m_orders", _of("orders", "tenant, id as order_id, agreement is not null as placed")),
    Copy("letters", "m_returned", _each("refunds", "tenant, order_id", "unit_ids")),
    Copy(
        "letters",
        "m_emails",
        _of("emails", "tenant, id as email, order_id, kind, sequence, message_id, state, repayment_id as about"),
    ),
    Copy("letters", "m_notifications", _of("notifications", "tenant, message_id")),
    Copy("mail-relay", "c_messages", _of("messages", "tenant, id as message")),
    Copy("mail-relay", "c_notices", _of("notices", "tenant, id as notice")),
    Copy("letters", "m_links", _of("links", "tenant, order_id, line_id as line, emailed_in")),
    Copy("letters", "m_keys", _of("license_keys", "tenant, order_id, id as license, emailed_in")),
    Copy("letters", "m_repayments", _of("repayments", "tenant, order_id, id as repayment, emailed_in")),
    Copy(
        "rewards",
        "r_postings",
        _of(
            "postings",
            "tenant, id as posting, member_id as member, kind, points, meeting_id as meeting, rule_id as rule, "
            "redemption_id as redemption",
        ),
    ),
    Copy("rewards", "r_entries", _of("entries", "tenant, posting_id as posting, lot_id as lot, points")),
    Copy(
        "rewards",
        "r_lots",
        _of(
            "lots",
            "tenant, id as lot, member_id as member, meeting_id as meeting, rule_id as rule, earned, points, "
            "remaining, reversed_at",
        ),
    ),
    Copy("rewards", "r_meetings", _of("meetings", "tenant, id as meeting, host_id as host")),
    Copy("rewards", "r_reports", _of("reports", "tenant, meeting_id as meeting, source, revision")),
    Copy("rewards", "r_customers", _of("customers", "tenant, id as customer, member_id as member")),
    Copy(
        "rewards",
        "r_redemptions",
        _of("redemptions", "tenant, id as redemption, kind, points, fulfilled_at, failed_at"),
    ),
    Copy(
        "rewards",
        "r_codes",
        _of("codes", "tenant, reward_id as reward, redemption_id as redemption, code is not null as kept"),
    ),
    Copy("accounts", "a_customers", CUSTOMERS),
    Copy("accounts", "a_orders", _of("orders", "tenant, id as order_id, closed_at")),
    Copy("accounts", "a_keys", _of("subject_keys", "tenant, id as key, kind, destroyed_at")),
    Copy("accounts", "a_sellers", "select email from sellers where $1::text is null or true"),
    # what shops tell every visitor: of themselves, and whom to ask about an article
    Copy("storefront", "s_addresses", _addresses("shops", "brand::text")),
    Copy("catalog", "c_addresses", _addresses("presentations", "concat_ws(' ', support_contact, texts::text)")),
    Copy("catalog", "c_products", _of("products", "tenant, id as product, withdrawn_at")),
)
