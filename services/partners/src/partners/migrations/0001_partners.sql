-- id: the middle of the names of topics, so that of two tenants only one can have it
create table partners (
  id text primary key,
  tenant text not null,
  channels text[] not null,
  state text not null check (state in ('open', 'closed')),
  since timestamptz not null,
  -- while the past is sent again, or topics are not made yet: up to which position it was sent, from which moment on, and
  -- after which position nothing was sent at once, so that it all is still to come
  replayed bigint,
  replay_since timestamptz,
  present bigint,
  -- the past is not sent again before then, for that has failed so often
  replay_after timestamptz not null default '-infinity',
  replay_failures integer not null default 0,
  replay_failure text,
  -- what Kafka is to let the partner do changes with each version; applied is the one that Kafka has been given
  version integer not null default 1,
  applied integer not null default 0,
  -- how often Kafka is still to be given it: twice where an act was not seen to end well, for what that did may come late
  wanted integer not null default 1,
  -- running: somebody gives it, by this claim, until then; else nobody does before then, for it has failed, or is given once more
  running boolean not null default false,
  claim bigint not null default 0,
  claimed_until timestamptz not null default '-infinity',
  -- how often giving it has failed since it went well, and why
  failures integer not null default 0,
  failure text,
  -- the password that Kafka has not been given yet, sealed
  secret bytea,
  check (num_nulls(replayed, replay_since, present) in (0, 3))
);

create index partners_behind on partners (tenant) where replayed is not null;

create index partners_to_admit on partners (claimed_until) where wanted > 0;

-- who is sent at once what is about a channel: open partners that are not sent the past again
create table readers (
  tenant text not null,
  channel text not null,
  partner_id text not null,
  primary key (tenant, channel, partner_id)
);

create index readers_of_partner on readers (partner_id);

-- orders and coupons by their record key: the channel as soon as an event has named it, and how many events there were
create table aggregates (
  tenant text not null,
  key text not null,
  channel text,
  events bigint not null,
  primary key (tenant, key)
);

-- what partners may see of each event; customer: a keyed hash, so that no id of a person is here
create table facts (
  position bigint generated always as identity primary key,
  tenant text not null,
  -- null: waits until the channel of its aggregate is known
  channel text,
  topic text not null,
  key text not null,
  number bigint not null,
  at timestamptz not null,
  content bytea not null,
  customer bytea,
  expires_at timestamptz
);

create index facts_of_channel on facts (tenant, channel, position) where channel is not null;
create index facts_waiting on facts (tenant, key) where channel is null;
create index facts_expiry on facts (expires_at) where expires_at is not null;
