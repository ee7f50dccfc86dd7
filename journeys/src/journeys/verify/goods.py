"""I2, I3, I4: what was paid and released is delivered once, and what was refunded opens nothing."""

from journeys.verify.invariant import Check, Invariant

RELEASED = "l.deliver_from is null or l.deliver_from <= (select at from now)"

LICENCES = Invariant(
    "I2",
    "licences: one for each paid and released unit with a key source, less back-orders",
    [
        Check(
            "a paid and released unit with a key source has a key or is back-ordered",
            f"""
            select u.unit
            from o_units u
            join o_lines l on l.line = u.line and l.tenant = u.tenant
            left join l_units k on k.unit = u.unit and k.tenant = u.tenant
            where u.paid_at is not null
              and u.refunded_at is null
              and l.key_source <> 'none'
              and ({RELEASED})
              and coalesce(k.state, 'unknown') not in ('issued', 'backordered', 'past')
            """,
        ),
        Check(
            "a key is issued to a paid unit with a key source only",
            """
            select k.unit
            from l_units k
            left join o_units u on u.unit = k.unit and u.tenant = k.tenant
            left join o_lines l on l.line = u.line and l.tenant = u.tenant
            where k.license is not null
              and (u.paid_at is null or l.key_source = 'none')
            """,
        ),
        Check(
            "an issued unit has a licence, no other line has the same, nor another unit where keys are per unit",
            """
            select unit
            from l_units
            where state = 'issued' and license is null
            union all
            select k.unit
            from l_units k
            join o_lines l on l.line = k.line and l.tenant = k.tenant and l.keys_per = 'unit'
            where k.state = 'issued' and k.fingerprint is null
            union all
            select min(k.unit)
            from l_units k
            join o_lines l on l.line = k.line and l.tenant = k.tenant
            where k.license is not null
            group by k.tenant, k.license
            having count(distinct k.line) > 1 or (max(l.keys_per) = 'unit' and count(*) > 1)
            union all
            select min(unit)
            from l_units
            where fingerprint is not null
            group by tenant, fingerprint
            having count(distinct line) > 1
            """,
        ),
        Check(
            "a line whose keys are per purchase has one",
            """
            select l.line
            from o_lines l
            join l_units k on k.line = l.line and k.tenant = l.tenant
            where l.keys_per <> 'unit' and k.state = 'issued'
            group by l.tenant, l.line
            having count(distinct k.license) > 1
            """,
        ),
        Check(
            "one licence only was published for a unit",
            """
            select n.unit
            from named n
            join events e on e.topic = n.topic and e.id = n.id
            where n.topic = 'LicenseIssued'
            group by n.unit
            having count(distinct e.subject) > 1
            """,
        ),
        Check(
            "a serial out of stock is with the unit that has it, no longer readable, and with no other",
            """
            select k.unit
            from l_units k
            join o_lines l on l.line = k.line and l.tenant = k.tenant and l.keys_per = 'unit'
            left join l_serials s on s.unit = k.unit and s.tenant = k.tenant
            where k.key_source = 'imported' and k.license is not null
            group by k.tenant, k.unit
            having count(s.fingerprint) <> 1 or max(s.fingerprint) <> k.fingerprint or max(s.kept)
            union all
            select s.unit
            from l_serials s
            left join l_units k on k.unit = s.unit and k.tenant = s.tenant
            where s.unit is not null and k.license is null
            """,
        ),
        Check(
            "a stock counts the serials that are left",
            """
            select t.sku
            from l_stocks t
            left join l_serials s on s.sku = t.sku and s.tenant = t.tenant and s.unit is null
            group by t.tenant, t.sku
            having count(s.fingerprint) <> t.available
            """,
        ),
    ],
)

GRANTS = Invariant(
    "I3",
    "grants: exactly one for each paid and released download line, over exactly its paid units",
    [
        Check(
            "a paid and released download line has one grant",
            f"""
            select l.line
            from o_lines l
            left join d_grants g on g.line = l.line and g.tenant = l.tenant
              and (g.revoked_at is null or g.reason = 'staff')
            where l.fulfilment = 'download'
              and ({RELEASED})
              and exists (select 1 from o_units u
                          where u.line = l.line and u.tenant = l.tenant
                            and u.paid_at is not null and u.refunded_at is null)
              and exists (select 1 from d_files f where f.sku = l.sku and f.tenant = l.tenant)
            group by l.tenant, l.line
            having count(g.grant_id) <> 1
            """,
        ),
        Check(
            "a grant covers each paid unit of its line",
            """
            select u.unit
            from d_grants g
            join o_units u on u.line = g.line and u.tenant = g.tenant
            left join d_grant_units n on n.grant_id = g.grant_id and n.unit = u.unit
            where g.revoked_at is null and u.paid_at is not null and u.refunded_at is null and n.unit is null
            """,
        ),
        Check(
            "a grant that opens something covers paid units only",
            """
            select n.unit
            from d_grant_units n
            left join o_units u on u.unit = n.unit and u.tenant = n.tenant
            where n.revoked_at is null and u.paid_at is null
            """,
        ),
        Check(
            "one grant only was published for a line, and no two grants have one link",
            """
            select line
            from events
            where topic = 'DownloadGranted'
            group by tenant, line
            having count(distinct subject) > 1
            union all
            select min(line)
            from d_grants
            group by token
            having count(*) > 1
            """,
        ),
    ],
)

REFUNDED = Invariant(
    "I4",
    "refunded units: no valid grant, no valid key",
    [
        Check(
            "no grant that opens something covers a refunded unit",
            """
            select u.unit
            from o_units u
            join d_grant_units n on n.unit = u.unit and n.tenant = u.tenant
            where u.refunded_at is not null and n.revoked_at is null
            """,
        ),
        Check(
            "no key of a refunded unit counts, and none waits for one",
            """
            select u.unit
            from o_units u
            join l_units k on k.unit = u.unit and k.tenant = u.tenant
            where u.refunded_at is not null and k.state in ('issued', 'waiting', 'backordered')
            """,
        ),
    ],
)
