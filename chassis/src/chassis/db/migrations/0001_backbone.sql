-- what was published, until Kafka has acknowledged it; column names are Debezium's, so that its outbox router may read this table instead of our relay
create table chassis.outbox (
  sequence bigint generated always as identity primary key,
  id uuid not null,
  aggregatetype text not null,
  aggregateid text not null,
  type text not null,
  payload bytea,
  subject text,
  tenant text,
  occurred_at timestamptz not null,
  traceparent text,
  raw_key bytea,
  raw_headers bytea,
  refused text
);

create index outbox_refused on chassis.outbox (aggregatetype, aggregateid) where refused is not null;

-- session: the database session of the holder; when it is gone, so is the holder, and nobody need wait for the lease to end
-- published: the highest number that Kafka has acknowledged; a sequence is ahead of what has committed, and after a recovery further
create table chassis.lease (
  name text primary key,
  holder uuid,
  token bigint not null default 0,
  until timestamptz not null default '-infinity',
  session integer,
  published bigint not null default 0
);

insert into chassis.lease (name) values ('relay');

create table chassis.inbox (
  source text not null,
  id uuid not null,
  payload_hash bytea not null,
  expires_at timestamptz,
  primary key (source, id)
);

create index inbox_expiry on chassis.inbox (expires_at) where expires_at is not null;

-- before which offset all was consumed, in the transaction in which it took effect; Kafka's own record of it is forgotten with a topic
create table chassis.consumed (
  topic text not null,
  partition integer not null,
  next_offset bigint not null,
  -- the highest number that the topic's own producer gave there, and the time of that event
  highest bigint,
  highest_at timestamptz,
  primary key (topic, partition)
) with (fillfactor = 50);

-- where a log does not go on as it was: records were gone before they were consumed, the topic was made anew, or its producer's numbers begin again;
-- a gap that was accepted stays as the record of it
create table chassis.gaps (
  id bigint generated always as identity primary key,
  topic text not null,
  partition integer not null,
  first_missing bigint not null,
  goes_on bigint not null,
  -- anew: goes_on is an offset of another log than first_missing; renumbered: nothing is missing, and both are where the numbers begin again
  kind text not null check (kind in ('deleted', 'anew', 'renumbered')),
  found_at timestamptz not null,
  accepted_at timestamptz
);

create unique index gaps_open on chassis.gaps (topic, partition) where accepted_at is null;

-- what could not be handled yet, or ever; bytea, because a foreign record may hold bytes that text refuses
create table chassis.parked (
  id bigint generated always as identity primary key,
  topic text not null,
  key bytea not null,
  partition integer not null,
  record_offset bigint not null,
  value bytea,
  headers bytea not null,
  state text not null check (state in ('waiting', 'dead')),
  attempts integer not null,
  next_attempt timestamptz not null,
  reason text not null,
  parked_at timestamptz not null,
  -- has no event id that the inbox could know it by, or one that is taken
  unidentified boolean not null default false,
  -- whose event it is, as far as its headers could be read: that tenant's operators may see it
  tenant text
);

create index parked_waiting on chassis.parked (topic, key, id) where state = 'waiting';
create index parked_of_tenant on chassis.parked (tenant, state, id);
-- such a record is known by its offset; all others by the inbox alone, for a topic that was made anew uses the same offsets again
create unique index parked_unidentified on chassis.parked (topic, partition, record_offset) where unidentified;

-- session: the database session on which a key was claimed; when it is gone, so is whoever claimed it, and the key is free again
create table chassis.idempotency (
  tenant text not null,
  subject text not null,
  method text not null,
  path text not null,
  key text not null,
  body_hash bytea not null,
  claimed_until timestamptz not null,
  session integer,
  status integer,
  ids jsonb,
  created_at timestamptz not null,
  primary key (tenant, subject, method, path, key)
);

create index idempotency_age on chassis.idempotency (created_at);

-- who may be named at the terminal: the tenants that were opened, as far as this service knows
create table chassis.tenants (
  id text primary key
);

-- each act of staff and of operators, and each reading of sealed records; the hash of a row covers that of the row before
create table chassis.audit (
  number bigint primary key check (number > 0),
  tenant text not null,
  at timestamptz not null,
  actor text not null,
  permission text not null,
  operation text not null,
  kind text not null,
  object_id text not null,
  purpose text not null,
  -- json, not jsonb: the hash is of these very characters
  before json not null,
  after json not null,
  request_id uuid not null,
  traceparent text not null,
  previous bytea not null unique,
  hash bytea not null
);

create index audit_of_object on chassis.audit (tenant, object_id, number);
create index audit_of_actor on chassis.audit (tenant, actor, number);

create function chassis.refuse_to_change_audit() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log only grows' using errcode = 'insufficient_privilege';
end
$$;

create trigger audit_only_grows before update or delete or truncate on chassis.audit
for each statement execute function chassis.refuse_to_change_audit();
