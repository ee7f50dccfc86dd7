-- whoever has hosted a meeting or taken part, by the pseudonymous id accounts gave; the row that is locked first
create table customers (
  tenant text not null,
  customer uuid not null,
  member uuid not null,
  contact_key uuid,
  contact_public bytea,
  erased_at timestamptz,
  -- their meetings are to be judged again, for there are new rules
  to_judge boolean not null default false,
  primary key (tenant, customer),
  unique (tenant, member)
);

create index customers_to_judge on customers (tenant, customer) where to_judge;

create table destroyed_keys (
  tenant text not null,
  key uuid not null,
  primary key (tenant, key)
);

create table enrolments (
  tenant text not null,
  customer uuid not null,
  enrolled_at timestamptz not null,
  left_at timestamptz,
  market text not null,
  language text not null,
  time_zone text not null,
  primary key (tenant, customer, enrolled_at)
);

create unique index enrolments_open on enrolments (tenant, customer) where left_at is null;

-- the last word of each source about a meeting
create table reports (
  tenant text not null,
  meeting uuid not null,
  source text not null,
  revision integer not null,
  rank integer not null,
  status text not null,
  host uuid not null,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  participants integer not null,
  said_at timestamptz not null,
  primary key (tenant, meeting, source)
);

-- what counts of each meeting; host is null while no source calls it held
create table meetings (
  tenant text not null,
  meeting uuid not null,
  source text,
  host uuid,
  started_at timestamptz,
  ended_at timestamptz,
  participants integer,
  said_at timestamptz,
  verdict text,
  primary key (tenant, meeting)
);

create index meetings_of_host on meetings (tenant, host, started_at desc, meeting desc);

create table rules (
  tenant text not null,
  rule text not null,
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
  primary key (tenant, rule, version),
  unique (tenant, rule, valid_from)
);

-- append-only: the balance is the sum of points
create table postings (
  tenant text not null,
  posting uuid not null,
  place bigint generated always as identity,
  member uuid not null,
  kind text not null,
  points bigint not null,
  meeting uuid,
  rule text,
  rule_version integer,
  redemption uuid,
  reward text,
  -- the ce_id of the event that caused it, if one did
  event uuid,
  arithmetic text not null,
  posted_at timestamptz not null,
  primary key (tenant, posting)
);

create index postings_newest on postings (tenant, member, place desc);

-- one for each accrual, under the accrual's posting; the balance is also the sum of remaining
create table lots (
  tenant text not null,
  lot uuid not null,
  member uuid not null,
  meeting uuid not null,
  rule text not null,
  rule_version integer not null,
  -- what the meeting earns; points is less by what an earlier reversal had left with the member
  earned bigint not null,
  points bigint not null,
  remaining bigint not null,
  forgiven bigint not null default 0,
  accrued_at timestamptz not null,
  expires_at timestamptz,
  reversed_at timestamptz,
  primary key (tenant, lot)
);

-- a meeting earns once under a rule, whoever says so and how often (F-R01)
create unique index lots_standing on lots (tenant, meeting, rule) where reversed_at is null;
create index lots_open on lots (tenant, member) where remaining <> 0;
create index lots_of_meeting on lots (tenant, meeting);

-- append-only: from which lots a posting took, or to which it gave
create table entries (
  tenant text not null,
  posting uuid not null,
  lot uuid not null,
  points bigint not null,
  primary key (tenant, posting, lot)
);

create table rewards (
  tenant text not null,
  reward text not null,
  kind text not null,
  name_de text not null,
  name_en text not null,
  points integer not null,
  markets text[] not null,
  member_limit integer,
  valid_from timestamptz not null,
  valid_until timestamptz,
  primary key (tenant, reward)
);

-- the pool of vouchers; a code that was handed out stands nowhere in clear, its hash remains so that none comes twice
create table codes (
  tenant text not null,
  reward text not null,
  hash bytea not null,
  code text,
  redemption uuid,
  imported_at timestamptz not null,
  primary key (tenant, reward, hash)
);

create index codes_left on codes (tenant, reward) where redemption is null;

create table redemptions (
  tenant text not null,
  redemption uuid not null,
  customer uuid not null,
  member uuid not null,
  reward text not null,
  kind text not null,
  points integer not null,
  -- sealed to the customer's contact key
  code text,
  redeemed_at timestamptz not null,
  fulfilled_at timestamptz,
  primary key (tenant, redemption)
);

create index redemptions_of_customer on redemptions (tenant, customer, redemption desc);
create index redemptions_newest on redemptions (tenant, redemption desc);
