"""I1: what was captured and refunded is what the orders say, by unit, by order and in total."""

from journeys.verify.invariant import Check, Invariant

# The units that transferred money covers: a receipt by itself, or an allocation of parts of several.
TRANSFERRED = """
select *
from p_units
where covered_by in (select receipt from p_receipts union select allocation from p_allocations)
"""

MONEY = Invariant(
    "I1",
    "money: captured and received, less refunded, is what orders say paid",
    [
        Check(
            "an order's net, tax and gross are the sums of its units",
            """
            select o.order_id
            from o_orders o
            join o_units u on u.tenant = o.tenant and u.order_id = o.order_id
            group by o.tenant, o.order_id
            having sum(u.net) <> o.net or sum(u.tax) <> o.tax or sum(u.gross) <> o.gross or o.net + o.tax <> o.gross
            """,
        ),
        Check(
            "nothing is negative",
            """
            select 'unit ' || unit from o_units where net < 0 or tax < 0 or gross < 0
            union all
            select 'payment ' || payment from p_payments where amount < 0 or captured_amount < 0
            union all
            select 'refund ' || refund from p_refunds where amount < 0
            union all
            select 'repayment ' || repayment from p_repayments where amount < 0
            union all
            select 'receipt ' || receipt from p_receipts where amount < 0
            """,
        ),
        Check(
            "a unit is paid in orders if and only if payments has money for it, of the same amount",
            """
            select u.unit
            from o_units u
            left join p_units p on p.unit = u.unit and p.tenant = u.tenant
            where (u.paid_at is not null) is not (p.covered_by is not null)
               or (p.unit is not null and p.gross <> u.gross)
            union
            select p.unit
            from p_units p
            left join o_units u on u.unit = p.unit and u.tenant = p.tenant
            where p.covered_by is not null and u.unit is null
            """,
        ),
        Check(
            "a card payment that was published is exactly what its order's units cost",
            """
            select p.payment
            from p_payments p
            left join p_units u on u.covered_by = p.payment and u.order_id = p.order_id
            where p.published_at is not null
            group by p.tenant, p.payment
            having p.captured_amount is not coalesce(sum(u.gross), 0)
            """,
        ),
        Check(
            "captured money is published or is in review",
            """
            select p.payment
            from p_payments p
            where p.captured_at is not null
              and p.published_at is null
              and not exists (select 1 from p_review r where r.payment = p.payment)
            """,
        ),
        Check(
            "what covers a unit is a payment of its order, a receipt or an allocation",
            f"""
            select u.unit
            from p_units u
            where u.covered_by is not null
              and u.unit not in (select unit from ({TRANSFERRED}))
              and not exists (select 1 from p_payments p where p.payment = u.covered_by and p.order_id = u.order_id)
            """,
        ),
        Check(
            "a receipt covers and is allocated no more than it brought",
            """
            select r.receipt
            from p_receipts r
            where coalesce((select sum(u.gross) from p_units u where u.covered_by = r.receipt), 0)
                + coalesce((select sum(a.amount) from p_allocations a where a.receipt = r.receipt), 0) > r.amount
            """,
        ),
        Check(
            "an allocation covers exactly what it takes",
            """
            select a.allocation
            from p_allocations a
            group by a.tenant, a.allocation
            having sum(a.amount)
                <> coalesce((select sum(u.gross) from p_units u where u.covered_by = a.allocation), 0)
            """,
        ),
        Check(
            "a refunded unit was paid, is in one refund, and a refund is the sum of its units",
            """
            select u.unit
            from o_units u
            left join o_refund_units r on r.unit = u.unit and r.tenant = u.tenant
            group by u.tenant, u.unit
            having count(r.refund) <> (u.refunded_at is not null)
                or (u.refunded_at is not null and u.paid_at is null)
            union all
            select r.refund
            from o_refunds r
            left join o_refund_units n on n.refund = r.refund
            left join o_units u on u.unit = n.unit and u.tenant = n.tenant
            group by r.tenant, r.refund
            having r.amount <> coalesce(sum(u.gross), 0)
            """,
        ),
        Check(
            "payments knows each refund that orders decided, of the same amount, and no other",
            """
            select o.refund
            from o_refunds o
            left join p_refunds p on p.refund = o.refund and p.tenant = o.tenant
            where o.reason <> 'provider' and (p.refund is null or p.amount <> o.amount or p.order_id <> o.order_id)
            union all
            select p.refund
            from p_refunds p
            left join o_refunds o on o.refund = p.refund and o.tenant = p.tenant
            where o.refund is null
            """,
        ),
        Check(
            "a refund that is done was paid back once",
            """
            select r.refund
            from p_refunds r
            join p_payments p on p.payment = r.payment and p.intent is not null
            left join p_repayments b on b.refund = r.refund and b.status = 'succeeded'
            where r.state = 'done'
            group by r.tenant, r.refund
            having count(b.repayment) > 1 or (count(b.repayment) = 1 and sum(b.amount) <> r.to_send)
            """,
        ),
        Check(
            "a refund ends or is on a list: none waits for money that is here, or is refused or disputed unseen",
            """
            select r.refund
            from p_refunds r
            where r.state = 'waiting'
              and exists (select 1 from p_units u where u.order_id = r.order_id and u.covered_by is not null)
            union all
            select r.refund
            from p_refunds r
            where r.state = 'refused'
              and not exists (select 1 from p_review e where e.refund = r.refund)
            union all
            select r.refund
            from p_refunds r
            where r.state = 'disputed'
              and not exists (select 1 from p_review e where e.payment = r.payment and e.reason = 'disputed')
            union all
            select r.refund
            from p_refunds r
            where r.state not in ('waiting', 'due', 'asked', 'disputed', 'payout', 'refused', 'done', 'skipped')
            """,
        ),
        Check(
            "no order gets back more than it paid",
            f"""
            select o.order_id
            from o_orders o
            where coalesce((select sum(r.to_send) from p_refunds r
                            where r.order_id = o.order_id
                              and r.state in ('due', 'asked', 'disputed', 'payout', 'done')), 0)
                + coalesce((select sum(b.amount) from p_repayments b join p_payments p using (payment)
                            where p.order_id = o.order_id and b.refund is null and b.status = 'succeeded'), 0)
                > coalesce((select sum(p.captured_amount) from p_payments p where p.order_id = o.order_id), 0)
                + coalesce((select sum(u.gross) from ({TRANSFERRED}) u where u.order_id = o.order_id), 0)
            """,
        ),
        Check(
            "in total, what orders say paid is what payments released",
            f"""
            select 'orders ' || paid || ', payments ' || released
            from (select coalesce(sum(gross), 0) as paid from o_units where paid_at is not null),
                 (select coalesce(sum(amount), 0) as released from (
                    select captured_amount as amount from p_payments where published_at is not null
                    union all
                    select gross from ({TRANSFERRED})))
            where paid <> released
            """,
        ),
        Check(
            "what the provider has captured and paid back is what payments knows",
            """
            select p.payment
            from p_payments p
            join provider_payments b on b.intent = p.intent
            where b.received <> coalesce(p.captured_amount, 0)
            union all
            select b.intent
            from provider_payments b
            where b.received > 0
              and (select tenant from tenant) is null
              and not exists (select 1 from p_payments p where p.intent = b.intent)
            union all
            select b.provider_refund
            from provider_refunds b
            join p_payments p on p.intent = b.intent
            left join p_repayments r on r.provider_refund = b.provider_refund
            where r.repayment is null or r.amount <> b.amount or r.status <> b.status
            union all
            select p.payment
            from p_payments p
            join provider_refunds b on b.intent = p.intent and b.status = 'succeeded'
            group by p.payment
            having sum(b.amount) > p.captured_amount
            """,
        ),
    ],
)
