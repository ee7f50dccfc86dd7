-- whoever has hosted a meeting or taken part, by the pseudonymous id accounts gave; the row that is locked first
create table customers (
  tenant text not null,
  id uuid not null,
  member_id uuid not null,
  contact_key_id uuid,
  contact_public bytea,
  erased_at timestamptz,
  -- their meetings that began since then are to be evaluated again, for there are new rules
  to_evaluate boolean not null default false,
  evaluate_since timestamptz,
  primary key (tenant, id),
  unique (tenant, member_id)
);

create index customers_to_evaluate on customers (tenant, id) where to_evaluate;

create table destroyed_keys (
  tenant text not null,
  key_id uuid not null,
  primary key (tenant, key_id)
);

create table enrolments (
  tenant text not null,
  customer_id uuid not null,
  enrolled_at timestamptz not null,
  left_at timestamptz,
  market text not null,
  language text not null,
  time_zone text not null,
  primary key (tenant, customer_id, enrolled_at)
);

create unique index enrolments_open on enrolments (tenant, customer_id) where left_at is null;

-- the latest report of each source about a meeting
create table reports (
  tenant text not null,
  meeting_id uuid not null,
  source text not null,
  revision integer not null,
  rank integer not null,
  status text not null,
  host_id uuid not null,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  participants integer not null,
  reported_at timestamptz not null,
  primary key (tenant, meeting_id, source)
);

-- append-only: who reported which meeting over HTTP
create table intake (
  tenant text not null,
  meeting_id uuid not null,
  source text not null,
  revision integer not null,
  host_id uuid not null,
  -- a service's name, or `staff`
  reporter text not null,
  subject text not null,
  logged_at timestamptz not null
);

create index intake_of_meeting on intake (tenant, meeting_id);

-- what counts of each meeting; host_id is null while no source calls it held
create table meetings (
  tenant text not null,
  id uuid not null,
  source text,
  host_id uuid,
  started_at timestamptz,
  ended_at timestamptz,
  participants integer,
  reported_at timestamptz,
  verdict text,
  primary key (tenant, id)
);

create index meetings_of_host on meetings (tenant, host_id, started_at desc, id desc);

create index meetings_newest on meetings (tenant, started_at desc, id desc) where host_id is not null;

create table rules (
  tenant text not null,
  id text not null,
  version integer not null,
  kind text not null,
  valid_from timestamptz not null,
  valid_until timestamptz,
  points integer not null,
  per_minutes integer not null,
  minimum_minutes integer not null,
  minimum_participants integer not null,
  cap_day integer,
  cap_month integer,
  markets text[] not null,
  expires_after_days integer,
  -- and then to the end of the quarter
  expires_after_months integer,
  primary key (tenant, id, version)
);

-- append-only: the balance is the sum of points
create table postings (
  tenant text not null,
  id uuid not null,
  position bigint generated always as identity,
  member_id uuid not null,
  kind text not null,
  points bigint not null,
  meeting_id uuid,
  rule_id text,
  rule_version integer,
  redemption_id uuid,
  reward_id text,
  -- the id of the event that caused it, if one did
  event_id uuid,
  arithmetic text not null,
  -- the same as facts, for other languages than English
  facts jsonb not null,
  posted_at timestamptz not null,
  primary key (tenant, id)
);

create index postings_newest on postings (tenant, member_id, position desc);

-- one for each accrual, under the id of its posting; the balance is also the sum of remaining
create table lots (
  tenant text not null,
  id uuid not null,
  member_id uuid not null,
  meeting_id uuid not null,
  rule_id text not null,
  rule_version integer not null,
  -- what the meeting earns; points is less by what an earlier reversal had left with the member
  earned bigint not null,
  points bigint not null,
  remaining bigint not null,
  forgiven bigint not null default 0,
  expired bigint not null default 0,
  accrued_at timestamptz not null,
  expires_at timestamptz,
  reversed_at timestamptz,
  primary key (tenant, id)
);

-- a meeting earns once under a rule, whoever reports it and how often (F-R01)
create unique index lots_standing on lots (tenant, meeting_id, rule_id) where reversed_at is null;
create index lots_of_member on lots (tenant, member_id);
create index lots_open on lots (tenant, member_id) where remaining <> 0;
create index lots_expiring on lots (expires_at) where remaining > 0;
create index lots_of_meeting on lots (tenant, meeting_id);

-- append-only: from which lots a posting took, or to which it gave
create table entries (
  tenant text not null,
  posting_id uuid not null,
  lot_id uuid not null,
  points bigint not null,
  primary key (tenant, posting_id, lot_id)
);

create table rewards (
  tenant text not null,
  id text not null,
  kind text not null,
  name_de text not null,
  name_en text not null,
  points integer not null,
  markets text[] not null,
  member_limit integer,
  valid_from timestamptz not null,
  valid_until timestamptz,
  primary key (tenant, id)
);

-- the pools of vouchers: a code is known by its keyed fingerprint, so that none comes twice in a tenant
create table codes (
  tenant text not null,
  fingerprint bytea not null,
  reward_id text not null,
  line integer not null,
  -- sealed with the master key; null once it was handed out
  code bytea,
  redemption_id uuid,
  -- its box did not open when it was to be handed out: out of the pool until it does
  unreadable boolean not null default false,
  imported_at timestamptz not null,
  primary key (tenant, fingerprint)
);

create index codes_left on codes (tenant, reward_id, imported_at, line) where redemption_id is null and not unreadable;

create table redemptions (
  tenant text not null,
  id uuid not null,
  customer_id uuid not null,
  member_id uuid not null,
  reward_id text not null,
  kind text not null,
  points integer not null,
  -- sealed to the customer's contact key
  code text,
  -- where miles or a shipment go, sealed to the same key until the redemption ends
  destination text,
  -- the reward's name, in the language of who is written to until the redemption ends; that is sealed to the same key
  reward_title text,
  addressee text,
  redeemed_at timestamptz not null,
  fulfilled_at timestamptz,
  failed_at timestamptz,
  primary key (tenant, id)
);

create index redemptions_of_customer on redemptions (tenant, customer_id, id desc);
create index redemptions_newest on redemptions (tenant, id desc);
