"""I7, I8, I9 and I11: every committed event is published and consumed, once each and in order."""

from journeys.verify.invariant import Check, Invariant

INBOX = Invariant(
    "I7",
    "inboxes: one row for each distinct event that a service consumes",
    [
        Check(
            "an event in Kafka is in the inbox of each service that consumes its topic",
            """
            select h.service || ' ' || e.topic || ' ' || e.id
            from (select distinct topic, source, id from events) e
            join subscriptions h on h.topic = e.topic
            left join inbox i on i.service = h.service and i.source = e.source and i.id = e.id
            where i.id is null
            """,
        ),
        Check(
            "what is in an inbox is in Kafka",
            """
            select i.service || ' ' || i.id
            from inbox i
            where (select tenant from tenant) is null
              and not exists (select 1 from events e where e.source = i.source and e.id = i.id)
            """,
        ),
        Check(
            "an event that came twice came with the same content",
            """
            select max(topic) || ' ' || id
            from events
            group by source, id
            having count(distinct hash) > 1 or count(distinct topic) > 1 or count(distinct key) > 1
            """,
        ),
        Check(
            "every service has committed its offsets to the end of its topics",
            """
            select service || ' ' || topic || ' ' || partition || ': ' || coalesce(committed, 0) || ' of ' || ends
            from offsets
            where ends > coalesce(committed, 0)
            """,
        ),
    ],
)


def _once(what: str, topic: str, states: str) -> Check:
    """Return the check that each subject of the query was published to the topic by exactly one distinct event."""
    return Check(
        f"{what} was published once as {topic}",
        f"""
        select subject || ' (' || times || ' times)'
        from (select s.subject, (select count(distinct e.id) from events e
                                 where e.topic = '{topic}' and e.subject = s.subject) as times
              from ({states}) s)
        where times <> 1
        """,
    )


def _published(what: str, topic: str, states: str) -> Check:
    """Return the check that each subject of the query was published to the topic at least once."""
    return Check(
        f"{what} was published as {topic}",
        f"""
        select s.subject
        from ({states}) s
        where not exists (select 1 from events e where e.topic = '{topic}' and e.subject = s.subject)
        """,
    )


def _unit_once(what: str, topic: str, states: str) -> Check:
    """Return the check that each unit of the query is named by exactly one distinct event of the topic."""
    return Check(
        f"{what} is named by one {topic}",
        f"""
        select unit || ' (' || times || ' times)'
        from (select s.unit, (select count(distinct n.id) from named n
                              where n.topic = '{topic}' and n.unit = s.unit) as times
              from ({states}) s)
        where times <> 1
        """,
    )


def _committed(topic: str, states: str) -> Check:
    """Return the check that each event of the topic has its row: nothing was published that was rolled back."""
    return Check(
        f"each {topic} has its row: nothing is published that did not commit",
        f"""
        select distinct subject
        from events
        where topic = '{topic}'
          and subject not in ({states})
        """,
    )


# a key for a whole purchase is published again when more of its units are paid
SINGLE = """
select k.license as subject
from l_units k
join o_lines l on l.line = k.line and l.tenant = k.tenant
where k.license is not null and l.keys_per = 'unit'
"""

# of units that share a key each may go back; the key ends with the last
ENDED = """
select license as subject
from l_units
where license is not null
group by tenant, license
having sum(state = 'issued') = 0
"""

OUTBOX = Invariant(
    "I8",
    "outboxes: every committed event reaches Kafka, once",
    [
        Check("nothing waits in an outbox", "select service || ' ' || place from waiting where place like 'outbox %'"),
        _once("an order", "OrderPlaced", "select order_id as subject from o_orders"),
        _unit_once(
            "a paid unit", "OrderPaid", "select unit from o_units where paid_at is not null and refunded_at is null"
        ),
        _unit_once("a cancelled unit", "OrderCancelled", "select unit from o_units where cancelled_at is not null"),
        _once("a refund", "OrderRefunded", "select refund as subject from o_refunds"),
        _published(
            "a closed order", "OrderClosed", "select order_id as subject from o_orders where closed_at is not null"
        ),
        _once(
            "captured money",
            "PaymentCaptured",
            "select payment as subject from p_payments where published_at is not null",
        ),
        _published(
            "money that was received",
            "TransferReceived",
            "select distinct u.covered_by as subject from p_units u join p_receipts r on r.receipt = u.covered_by",
        ),
        _once(
            "a request for a transfer",
            "TransferRequested",
            "select order_id as subject from p_orders where requested_at is not null",
        ),
        _once(
            "money that went back",
            "PaymentRefunded",
            "select repayment as subject from p_repayments where published_at is not null",
        ),
        Check(
            "a refund that is done is published by one PaymentRefunded",
            """
            select r.refund
            from p_refunds r
            left join events e on e.topic = 'PaymentRefunded' and e.refund = r.refund
            where r.state = 'done'
            group by r.tenant, r.refund
            having count(distinct e.id) <> 1
            """,
        ),
        _published("a grant", "DownloadGranted", "select grant_id as subject from d_grants"),
        _published(
            "a revoked grant",
            "DownloadRevoked",
            "select grant_id as subject from d_grants where revoked_at is not null",
        ),
        _published(
            "a licence", "LicenseIssued", "select distinct license as subject from l_units where license is not null"
        ),
        _once("a licence of one unit", "LicenseIssued", SINGLE),
        _once("a licence of which no unit is left", "LicenseRevoked", ENDED),
        _once("a back-order", "LicenseBackordered", "select unit as subject from l_units where state = 'backordered'"),
        _once("a sent e-mail", "EmailSent", "select email as subject from m_emails where state = 'sent'"),
        _once(
            "an accrual",
            "PointsAccrued",
            "select posting as subject from r_postings where kind = 'accrual' and points <> 0",
        ),
        _once(
            "a reversal",
            "PointsReversed",
            "select posting as subject from r_postings where kind = 'reversal' and points <> 0",
        ),
        _once("a redemption", "RewardRedeemed", "select redemption as subject from r_redemptions"),
        _once(
            "a fulfilled redemption",
            "RewardFulfilled",
            "select redemption as subject from r_redemptions where fulfilled_at is not null",
        ),
        _once(
            "a failed redemption",
            "RewardFailed",
            "select redemption as subject from r_redemptions where failed_at is not null",
        ),
        _once("a customer", "CustomerRegistered", "select customer as subject from a_customers"),
        _once(
            "an erased customer",
            "CustomerErased",
            "select customer as subject from a_customers where erased_at is not null",
        ),
        _once("a destroyed key", "KeyDestroyed", "select key as subject from a_keys where destroyed_at is not null"),
        _published("a product", "ProductPublished", "select product as subject from c_products"),
        _committed("OrderPlaced", "select order_id from o_orders"),
        _committed("OrderRefunded", "select refund from o_refunds"),
        _committed("PaymentCaptured", "select payment from p_payments where published_at is not null"),
        _committed("EmailSent", "select email from m_emails where state = 'sent'"),
        _committed("CustomerRegistered", "select customer from a_customers"),
    ],
)

ORDER = Invariant(
    "I9",
    "Kafka: first occurrences under a topic and key are in the order in which they were published",
    [
        Check(
            "no later event of a key comes before an earlier one",
            """
            with first as (
              select topic, partition, key, source, id, min(record_offset) as first_offset, min(sequence) as sequence
              from events
              where sequence is not null
              group by topic, partition, key, source, id
            )
            select topic || ' ' || key || ' ' || id
            from (select topic, key, id, sequence,
                         max(sequence) over (partition by topic, partition, key, source order by first_offset
                                             rows between unbounded preceding and 1 preceding) as before
                  from first)
            where sequence < before
            """,
        ),
        Check("every record can be read", "select place || ': ' || reason from unreadable"),
    ],
)

FAILURES = Invariant(
    "I11",
    "failures: no event is parked or dead",
    [
        Check(
            "nothing is parked",
            "select service || ' ' || place || ' ' || reason from waiting where place like 'parked %'",
        )
    ],
)
