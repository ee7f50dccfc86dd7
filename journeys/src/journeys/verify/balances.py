"""I5: balances are sums of the ledger, and every point in the ledger has its origin."""

from journeys.verify.invariant import Check, Invariant

BALANCES = Invariant(
    "I5",
    "rewards: balances follow from the ledger, lots from the entries",
    [
        Check(
            "a posting is the sum of its entries",
            """
            select p.posting
            from r_postings p
            left join r_entries e on e.posting = p.posting and e.tenant = p.tenant
            group by p.tenant, p.posting
            having p.points <> coalesce(sum(e.points), 0)
            """,
        ),
        Check(
            "what a lot has left is the sum of its entries",
            """
            select l.lot
            from r_lots l
            left join r_entries e on e.lot = l.lot and e.tenant = l.tenant
            group by l.tenant, l.lot
            having l.remaining <> coalesce(sum(e.points), 0)
            """,
        ),
        Check(
            "a member's balance is the same by postings and by lots",
            """
            select member
            from (select tenant, member, points from r_postings
                  union all
                  select tenant, member, -remaining from r_lots)
            group by tenant, member
            having sum(points) <> 0
            """,
        ),
        Check(
            "a lot that stands is of a meeting that counts for this member, once a rule",
            """
            select l.lot
            from r_lots l
            left join r_meetings m on m.meeting = l.meeting and m.tenant = l.tenant
            left join r_customers c on c.customer = m.host and c.tenant = m.tenant
            where l.reversed_at is null and c.member is not l.member
            union all
            select min(lot)
            from r_lots
            where reversed_at is null
            group by tenant, meeting, rule
            having count(*) > 1
            """,
        ),
        Check(
            "a redemption was posted once, at its price, and a fulfilled voucher has one code",
            """
            select r.redemption
            from r_redemptions r
            left join r_postings p on p.redemption = r.redemption and p.tenant = r.tenant and p.kind = 'redemption'
            group by r.tenant, r.redemption
            having count(p.posting) <> 1 or sum(p.points) <> -r.points
            union all
            select r.redemption
            from r_redemptions r
            left join r_codes c on c.redemption = r.redemption and c.tenant = r.tenant
            where r.kind = 'voucher' and r.fulfilled_at is not null
            group by r.tenant, r.redemption
            having count(c.reward) <> 1 or max(c.kept)
            """,
        ),
    ],
)
