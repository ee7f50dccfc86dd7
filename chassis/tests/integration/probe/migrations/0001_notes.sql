create table effects (
  position bigint generated always as identity primary key,
  host uuid not null,
  meeting uuid not null,
  participants integer not null,
  effects boolean not null
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

create table wishes (
  id uuid primary key,
  leased_until timestamptz,
  tries integer not null default 0,
  done text,
  traceparent text
);
