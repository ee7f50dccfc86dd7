"""Breaks that the checker has to find, each with the invariants that find it."""

# a break, the service whose database it is made in, and the invariants that it must be found by; $1 is the tenant
IN_TABLES = {
    "a unit's price differs": (
        "payments",
        "update units set gross = gross + 1 where tenant = $1 and covered_by is not null",
        {"I1"},
    ),
    "a refund is less than was decided": (
        "payments",
        "update refunds set amount = amount - 1 where tenant = $1",
        {"I1"},
    ),
    "a refund waits for money that is here": (
        "payments",
        "update refunds set state = 'waiting' where tenant = $1",
        {"I1"},
    ),
    "an allocation takes more than it covers": (
        "payments",
        "update allocations set amount = amount + 1 where tenant = $1",
        {"I1"},
    ),
    "money is captured and never published": (
        "payments",
        "update payments set published_at = null where tenant = $1 and captured_at is not null",
        {"I1", "I8"},
    ),
    "one key is two units'": (
        "licensing",
        """update units
        set license_id = (select max(license_id::text)::uuid from units where tenant = $1 and state = 'issued')
        where tenant = $1 and state = 'issued'""",
        {"I2"},
    ),
    "a key is lost": (
        "licensing",
        """update units set state = 'waiting', license_id = null, fingerprint = null
        where tenant = $1 and state = 'issued'""",
        {"I2"},
    ),
    "a stock is miscounted": ("licensing", "update stocks set available = available + 1 where tenant = $1", {"I2"}),
    "a grant is lost": ("delivery", "delete from grants where tenant = $1 and revoked_at is null", {"I3"}),
    "a grant lacks a unit": (
        "delivery",
        "update grants set unit_ids = unit_ids[1:1] where tenant = $1 and cardinality(unit_ids) > 1",
        {"I3"},
    ),
    "a refunded unit can be downloaded": (
        "delivery",
        "update grants set revoked_at = null, reason = null where tenant = $1",
        {"I4"},
    ),
    "a refunded unit's key counts": (
        "licensing",
        "update units set state = 'issued' where tenant = $1 and state = 'revoked'",
        {"I4"},
    ),
    "the ledger is out of balance": (
        "rewards",
        "update postings set points = points + 1 where tenant = $1 and kind = 'redemption'",
        {"I5"},
    ),
    "a lot has too much left": ("rewards", "update lots set remaining = remaining + 1 where tenant = $1", {"I5"}),
    "an address stands in a text": (
        "delivery",
        "update lines set name = 'anna@firma.example' where tenant = $1",
        {"I6"},
    ),
    "a brand has an address that its shop does not show": (
        "letters",
        """update shops set brand = jsonb_set(brand, '{contact}', '"anna@firma.example"') where tenant = $1""",
        {"I6"},
    ),
    "an address stands in bytes": (
        "delivery",
        "update grants set token_hash = convert_to('to anna@firma.example' || line_id, 'UTF8') where tenant = $1",
        {"I6"},
    ),
    "an event was not consumed": (
        "delivery",
        "delete from chassis.inbox where $1 <> ''",
        {"I7"},
    ),
    "an event waits in the outbox": (
        "orders",
        """insert into chassis.outbox (id, aggregatetype, aggregateid, type, occurred_at)
        values (gen_random_uuid(), 'OrderPaid', $1, 'OrderPaid', now())""",
        {"I8"},
    ),
    "a unit is announced in two e-mails": (
        "letters",
        """update paid_units set announced_in = 99
        where tenant = $1 and id = (select max(id::text)::uuid from paid_units where tenant = $1)""",
        {"I10"},
    ),
    "an event is parked": (
        "rewards",
        """insert into chassis.parked
          (topic, key, partition, record_offset, headers, state, attempts, next_attempt, reason, parked_at)
        values ('MeetingLogged', convert_to($1, 'UTF8'), 0, 0, '', 'dead', 1, now(), 'of a test', now())""",
        {"I11"},
    ),
    "delivery forgets a payment": ("delivery", "delete from units where tenant = $1", {"I12"}),
    "letters forgets a key": ("letters", "delete from license_keys where tenant = $1", {"I12"}),
    "accounts forgets an order": ("accounts", "delete from orders where tenant = $1", {"I12"}),
}

# a break in what was read from outside the databases
OUTSIDE = {
    "a payment was never published": ("delete from named where topic = 'OrderPaid'", {"I8"}),
    "an order was never published": ("delete from events where topic = 'OrderPlaced'", {"I8"}),
    "an order was published twice": (
        """insert into events
        select topic, partition, record_offset + 100000, key, source, 'again-' || id, tenant, subject, sequence,
        hash, line, refund from events where topic = 'OrderPlaced'""",
        {"I7", "I8"},
    ),
    "an id came with two contents": (
        """insert into events select topic, partition, record_offset + 100000, key, source, id, tenant, subject,
        sequence, x'00', line, refund from events where topic = 'OrderPlaced'""",
        {"I7"},
    ),
    "offsets are behind": ("update offsets set committed = committed - 1", {"I7"}),
    "later events come first": ("update events set sequence = -sequence where topic = 'DownloadGranted'", {"I9"}),
    "a letter never arrived": (
        "delete from letters where message_id in (select message_id from m_emails)",
        {"I10"},
    ),
    "a Message-ID is used for two letters": (
        "insert into letters select file || '-again', message_id, x'00' from letters",
        {"I10"},
    ),
    "the provider has captured something else": (
        "update provider_payments set received = received + 1 where intent in (select intent from p_payments)",
        {"I1"},
    ),
    "the provider has paid back twice": (
        """insert into provider_refunds select provider_refund || '-again', intent, amount, status from provider_refunds
        where intent in (select intent from p_payments)""",
        {"I1"},
    ),
    "a meeting was published and not counted": (
        "update events set subject = 'another' where topic = 'MeetingLogged'",
        {"I12"},
    ),
    "a record cannot be read": ("insert into unreadable values ('OrderPaid 0/7', 'of a test')", {"I9"}),
}
