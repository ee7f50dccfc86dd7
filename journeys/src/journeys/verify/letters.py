"""I10: a customer gets one delivery e-mail for each release, and a repetition is recognisable as one."""

from journeys.verify.invariant import Check, Invariant

LETTERS = Invariant(
    "I10",
    "e-mails: one delivery e-mail for each release; the same again only under the same Message-ID",
    [
        Check(
            "a paid and released unit is announced in an e-mail that was sent",
            """
            select u.unit
            from m_units u
            left join m_emails e on e.order_id = u.order_id and e.tenant = u.tenant and e.sequence = u.announced_in
            where not exists (select 1 from m_returned r where r.unit = u.unit and r.tenant = u.tenant)
              and (u.deliver_from is null or u.deliver_from <= (select at from now))
              and u.announced_in is not 0
              and (e.state is null or e.state not in ('sent', 'bounced', 'erased'))
            """,
        ),
        Check(
            "a release has one e-mail",
            """
            select order_id
            from m_units
            where announced_in is not null
            group by tenant, order_id, payment, case when deliver_from > paid_at then deliver_from end
            having count(distinct announced_in) > 1
            """,
        ),
        Check(
            "a delivery e-mail announces a release, a link or a key",
            """
            select e.message_id
            from m_emails e
            where e.kind = 'delivery'
              and e.state = 'sent'
              and not exists (select 1 from m_units u
                              where u.order_id = e.order_id and u.tenant = e.tenant and u.announced_in = e.sequence)
              and not exists (select 1 from m_links l
                              where l.order_id = e.order_id and l.tenant = e.tenant and l.emailed_in = e.sequence)
              and not exists (select 1 from m_keys k
                              where k.order_id = e.order_id and k.tenant = e.tenant and k.emailed_in = e.sequence)
            """,
        ),
        Check(
            "no two e-mails deliver one unit",
            """
            select unit
            from named
            where topic = 'EmailSent'
            group by unit
            having count(distinct id) > 1
            """,
        ),
        Check(
            "an e-mail that was sent has arrived",
            """
            select message_id
            from m_emails
            where state = 'sent'
              and exists (select 1 from sources where name = 'spool')
              and message_id not in (select message_id from letters)
            """,
        ),
        Check(
            "what has arrived was recorded before it was sent",
            """
            select file
            from letters
            where (select tenant from tenant) is null
              and message_id not in (select message_id from m_emails)
              and message_id not in (select message_id from m_notifications)
              and substr(message_id, 2, 36) not in (select message from c_messages)
              and substr(message_id, 2, 36) not in (select notice from c_notices)
            """,
        ),
        Check(
            "the same Message-ID is the same letter",
            """
            select message_id
            from letters
            where message_id in (select message_id from m_emails)
            group by message_id
            having count(distinct digest) > 1
            """,
        ),
    ],
)
