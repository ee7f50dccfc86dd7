create table inbox (
  source text not null,
  id uuid not null,
  received_at timestamptz not null default now(),
  primary key (source, id)
);

create table effects (
  tenant text not null,
  order_id uuid not null,
  gross bigint not null,
  primary key (tenant, order_id)
);
