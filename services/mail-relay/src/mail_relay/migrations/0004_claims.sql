-- of an order what can be claimed about
create table order_units (
  tenant text not null,
  order_id uuid not null,
  ordered_at timestamptz not null,
  -- by line: its id, and its units
  lines jsonb not null,
  primary key (tenant, order_id)
);

-- what became of an order, for what may be written about it; all of it only grows
create table order_progress (
  tenant text not null,
  order_id uuid not null,
  paid boolean not null,
  refunded uuid[] not null,
  cancelled uuid[] not null,
  -- set once nothing is outstanding
  contact_until timestamptz,
  primary key (tenant, order_id)
);

-- of each link of an order its files, and which of them have arrived whole; all of it only grows
create table receipts (
  tenant text not null,
  order_id uuid not null,
  grant_id uuid not null,
  file_id uuid not null,
  units uuid[] not null,
  granted boolean not null,
  arrived boolean not null,
  primary key (tenant, order_id, grant_id, file_id)
);

-- a tenant's clocks in hours; without a row the usual ones run
create table claim_terms (
  tenant text primary key,
  contact integer not null,
  statement integer not null,
  appeal integer not null,
  answer integer not null,
  weekends_count boolean not null
);

-- when the relay was last alive, in real time: one row
create table lives (
  alive boolean primary key default true check (alive),
  seen_at timestamptz not null default clock_timestamp()
);

insert into lives default values;

create table claims (
  tenant text not null,
  id uuid not null,
  conversation_id uuid not null,
  order_id uuid not null,
  seller text not null,
  unit_ids uuid[] not null,
  reason text not null,
  opened_at timestamptz not null,
  -- the clocks of when it was opened
  terms jsonb not null,
  state text not null,
  -- of what was published last
  revision integer not null,
  -- when the clock decides
  due_at timestamptz,
  outcome text,
  grounds text,
  granted uuid[] not null,
  decided_at timestamptz,
  decided_by text,
  appealed_by text,
  ended_at timestamptz,
  primary key (tenant, id),
  foreign key (tenant, conversation_id) references conversations (tenant, id) on delete cascade
);

create unique index claims_active on claims (tenant, conversation_id) where ended_at is null;
create index claims_of_order on claims (tenant, order_id, opened_at);
create index claims_of_conversation on claims (tenant, conversation_id);
create index claims_by_state on claims (tenant, state, id);
create index claims_ended on claims (tenant, ended_at) where ended_at is not null;
create index claims_due on claims (due_at) where due_at is not null;

-- what a side wrote to the desk about a claim
create table statements (
  tenant text not null,
  claim_id uuid not null,
  message_id uuid not null,
  side text not null,
  stated_at timestamptz not null,
  primary key (tenant, claim_id, message_id),
  foreign key (tenant, claim_id) references claims (tenant, id) on delete cascade,
  foreign key (tenant, message_id) references messages (tenant, id) on delete cascade
);

-- the first message of a buyer that the seller has not answered; the buyer is told once a claim may be opened
create table questions (
  tenant text not null,
  conversation_id uuid not null,
  message_id uuid not null,
  asked_at timestamptz not null,
  due_at timestamptz not null,
  noticed_at timestamptz,
  primary key (tenant, conversation_id),
  foreign key (tenant, message_id) references messages (tenant, id) on delete cascade
);

create index questions_due on questions (due_at) where noticed_at is null;
