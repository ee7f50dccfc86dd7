create table orders (
  tenant text not null,
  id uuid not null,
  primary key (tenant, id)
);

create table outbox (
  position bigint generated always as identity primary key,
  id uuid not null,
  topic text not null,
  key text not null,
  payload bytea not null,
  published_at timestamptz not null
);
