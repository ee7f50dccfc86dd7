create table effects (
  position bigint generated always as identity primary key,
  host uuid not null,
  meeting uuid not null,
  participants smallint not null,
  effects boolean not null
);

create table facts (
  tenant text not null,
  order_id uuid not null,
  session uuid not null,
  part text not null,
  primary key (session, part)
);

create index facts_of_order on facts (tenant, order_id);

-- one row for each time that something was concluded
create table conclusions (
  position bigint generated always as identity primary key,
  order_ids uuid[] not null,
  effects boolean not null
);

create table announced (
  tenant text not null,
  order_id uuid not null,
  session uuid primary key
);

create table balances (
  tenant text not null,
  member_id uuid not null,
  points integer not null default 0,
  saves integer not null default 0,
  primary key (tenant, member_id)
);

create table notes (
  tenant text not null,
  id uuid not null,
  owner text not null,
  text text not null,
  size integer not null,
  uses integer not null default 0,
  primary key (tenant, id)
);

create table turns (
  id bigint generated always as identity primary key,
  began timestamptz not null,
  ended timestamptz
);

create table tasks (
  id uuid primary key,
  leased_until timestamptz,
  tries integer not null default 0,
  done text,
  traceparent text
);
