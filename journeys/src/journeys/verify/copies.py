"""I12: the copies that services keep of each other's facts agree with the originals."""

from journeys.verify.invariant import Check, Invariant


def _agree(whose: str, table: str, only: str) -> Check:
    """Return the check that a service has the paid units that orders has; refunded ones may be missing there."""
    return Check(
        f"{whose} knows the paid units that orders knows",
        f"""
        select u.unit
        from o_units u
        join o_lines l on l.line = u.line and l.tenant = u.tenant
        left join {table} k on k.unit = u.unit and k.tenant = u.tenant
        where u.paid_at is not null and u.refunded_at is null and {only} and k.unit is null
        union all
        select k.unit
        from {table} k
        left join o_units u on u.unit = k.unit and u.tenant = k.tenant
        where u.paid_at is null
        """,
    )


COPIES = Invariant(
    "I12",
    "copies: orders, payments, delivery, licensing, letters, accounts and rewards agree",
    [
        _agree("delivery", "d_units", "l.fulfilment = 'download'"),
        _agree("licensing", "l_units", "l.key_source <> 'none'"),
        _agree("letters", "m_units", "true"),
        Check(
            "delivery and letters know the units that were taken back",
            """
            select u.unit
            from o_units u
            left join d_refunded d on d.unit = u.unit and d.tenant = u.tenant
            left join m_returned m on m.unit = u.unit and m.tenant = u.tenant
            where u.refunded_at is not null and (d.unit is null or m.unit is null)
            union all
            select d.unit
            from d_refunded d
            join o_units u on u.unit = d.unit and u.tenant = d.tenant
            where u.refunded_at is null
            """,
        ),
        Check(
            "payments, letters and accounts know each order",
            """
            select o.order_id
            from o_orders o
            left join p_orders p on p.order_id = o.order_id and p.tenant = o.tenant
            left join m_orders m on m.order_id = o.order_id and m.tenant = o.tenant and m.placed
            left join a_orders a on a.order_id = o.order_id and a.tenant = o.tenant
            where p.order_id is null or p.gross <> o.gross or p.currency <> o.currency or p.customer <> o.customer
               or m.order_id is null
               or a.order_id is null
               or (o.closed_at is not null and a.closed_at is null)
            """,
        ),
        Check(
            "orders knows as delivered what an e-mail has delivered",
            """
            select u.unit
            from m_units u
            join o_units o on o.unit = u.unit and o.tenant = u.tenant
            where u.delivered_in > 0 and o.delivered_at is null and o.refunded_at is null
            """,
        ),
        Check(
            "letters knows each key and each repayment",
            """
            select k.license
            from l_units k
            left join m_keys m on m.license = k.license and m.tenant = k.tenant
            where k.license is not null and m.license is null
            union all
            select r.repayment
            from p_repayments r
            left join m_repayments m on m.repayment = r.repayment and m.tenant = r.tenant
            where r.published_at is not null and m.repayment is null
            """,
        ),
        Check(
            "rewards knows each meeting that is in Kafka",
            """
            select distinct e.subject
            from events e
            left join r_reports r on r.meeting = e.subject and r.tenant = e.tenant
            where e.topic = 'MeetingLogged' and r.meeting is null
            """,
        ),
    ],
)
