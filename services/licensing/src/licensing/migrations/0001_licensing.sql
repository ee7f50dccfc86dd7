-- what is left of a SKU's serials; the counter changes only together with the serials
create table stocks (
  tenant text not null,
  sku text not null,
  available bigint not null default 0,
  low_stock bigint not null default 5,
  low_said boolean not null default false,
  settings_sequence bigint not null default -1,
  primary key (tenant, sku)
);

create table imports (
  tenant text not null,
  import_id uuid not null,
  sku text not null,
  file_hash bytea not null,
  taken bigint not null,
  report jsonb not null,
  imported_by text not null,
  imported_at timestamptz not null,
  primary key (tenant, import_id),
  unique (tenant, sku, file_hash)
);

-- a serial is known by its keyed fingerprint; the box holds its text until it is issued
create table serials (
  tenant text not null,
  fingerprint bytea not null,
  sku text not null,
  import_id uuid not null,
  line integer not null,
  box bytea,
  unit uuid,
  primary key (tenant, fingerprint)
);

create index serials_in_stock on serials (tenant, sku, import_id, line) where unit is null;

-- everything that happens to an order's units locks its row first; the customer is known from the payment on
create table orders (
  tenant text not null,
  order_id uuid not null,
  channel text not null,
  market text not null,
  seller text not null,
  order_number text not null,
  ordered_at timestamptz not null,
  customer uuid,
  contact_key uuid,
  contact_public bytea,
  traceparent text,
  primary key (tenant, order_id)
);

-- releases and refunds may be heard before the payment
create table releases (
  tenant text not null,
  order_id uuid not null,
  line uuid not null,
  release_at timestamptz not null,
  primary key (tenant, order_id, line)
);

create table refunds (
  tenant text not null,
  order_id uuid not null,
  unit uuid not null,
  primary key (tenant, order_id, unit)
);

-- ordered and not yet paid units of imported serials; the end may be heard before the beginning, which brings the SKU
create table reservations (
  tenant text not null,
  order_id uuid not null,
  unit uuid not null,
  sku text,
  ended boolean not null,
  primary key (tenant, order_id, unit)
);

create index reservations_open on reservations (tenant, sku) where not ended;

create table units (
  tenant text not null,
  order_id uuid not null,
  unit uuid not null,
  line uuid not null,
  place integer not null,
  sku text not null,
  key_source text not null,
  key_prefix text not null,
  paid_at timestamptz not null,
  paid_sequence bigint not null,
  release_at timestamptz not null,
  -- waiting, backordered, issued, revoked, refunded (before it was issued), past (heard as history, never issued)
  state text not null,
  license uuid,
  fingerprint bytea,
  tail text,
  -- sealed to the customer's contact
  license_key text,
  issued_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant, order_id, unit)
);

create index units_waiting on units (release_at) where state = 'waiting';
create index units_backordered on units (tenant, sku, paid_at, paid_sequence, order_id, place) where state = 'backordered';
create index units_of_sku on units (tenant, sku, state);
-- one key, one unit; validation looks up by it
create unique index units_by_fingerprint on units (fingerprint, tenant) where fingerprint is not null;
