-- what is left of a SKU's serials; the counter changes only together with the serials
create table stocks (
  tenant text not null,
  sku text not null,
  available bigint not null default 0,
  low_stock bigint not null default 5,
  low_published boolean not null default false,
  settings_sequence bigint not null default -1,
  primary key (tenant, sku)
);

create table imports (
  tenant text not null,
  id uuid not null,
  sku text not null,
  file_hash bytea not null,
  taken bigint not null,
  report jsonb not null,
  imported_by text not null,
  imported_at timestamptz not null,
  primary key (tenant, id),
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
  unit_id uuid,
  primary key (tenant, fingerprint)
);

create index serials_in_stock on serials (tenant, sku, import_id, line) where unit_id is null;

-- serials whose box does not open, because a master key is missing or the box was changed: out of stock until it does
create table unreadable (
  tenant text not null,
  fingerprint bytea not null,
  sku text not null,
  import_id uuid not null,
  line integer not null,
  box bytea,
  since timestamptz not null,
  primary key (tenant, fingerprint)
);

create index unreadable_of_sku on unreadable (tenant, sku);

-- everything that happens to an order's units locks its row first; the customer is known from the payment on
create table orders (
  tenant text not null,
  id uuid not null,
  channel text not null,
  market text not null,
  seller text not null,
  order_number text not null,
  ordered_at timestamptz not null,
  customer_id uuid,
  -- for which it was bought, if for one
  organisation_id uuid,
  contact_key uuid,
  contact_public bytea,
  traceparent text,
  primary key (tenant, id)
);

create index orders_of_customer on orders (tenant, customer_id);

-- releases and refunds may arrive before the payment
create table releases (
  tenant text not null,
  order_id uuid not null,
  line_id uuid not null,
  release_at timestamptz not null,
  primary key (tenant, order_id, line_id)
);

create table refunds (
  tenant text not null,
  order_id uuid not null,
  unit_id uuid not null,
  primary key (tenant, order_id, unit_id)
);

-- while one of them is not won, the order's keys are suspended
create table disputes (
  tenant text not null,
  order_id uuid not null,
  id uuid not null,
  won boolean not null,
  primary key (tenant, order_id, id)
);

-- the units that a claim keeps suspended, by the fact with the highest revision
create table claims (
  tenant text not null,
  order_id uuid not null,
  id uuid not null,
  revision integer not null,
  unit_ids uuid[] not null,
  primary key (tenant, order_id, id)
);

-- ordered and not yet paid units of imported serials; the end may arrive before the beginning, which brings the SKU
create table reservations (
  tenant text not null,
  order_id uuid not null,
  unit_id uuid not null,
  sku text,
  -- the line that shares one serial, null where each unit needs its own
  line_id uuid,
  ended boolean not null,
  primary key (tenant, order_id, unit_id)
);

create index reservations_open on reservations (tenant, sku) where not ended;

create table units (
  tenant text not null,
  order_id uuid not null,
  id uuid not null,
  line_id uuid not null,
  position integer not null,
  sku text not null,
  key_source text not null,
  key_prefix text not null,
  -- unit: a unit has a key of its own; purchase: all units of its line share one (LIC-4), of which the first has the
  -- fingerprint and the box, and the others only name the same licence
  keys_per text not null,
  paid_at timestamptz not null,
  paid_sequence bigint not null,
  release_at timestamptz not null,
  -- waiting, backordered, issued, revoked, refunded (before it was issued), past (consumed as history, never issued)
  state text not null,
  license_id uuid,
  fingerprint bytea,
  tail text,
  -- sealed to the customer's contact
  license_key text,
  issued_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant, order_id, id)
);

-- which keys units got after the backup that this database was restored from, by what was published; the unit may not be known again yet
create table taken_back (
  tenant text not null,
  order_id uuid not null,
  unit_id uuid not null,
  license_id uuid not null,
  fingerprint bytea,
  tail text not null,
  license_key text,
  issued_at timestamptz not null,
  primary key (tenant, order_id, unit_id)
);

create index units_waiting on units (release_at) where state = 'waiting';
create index units_backordered on units (tenant, sku, paid_at, paid_sequence, order_id, position) where state = 'backordered';
-- staff looks for a key by its last characters, which are shown to them anyway
create index units_of_ending on units (tenant, upper(tail)) where license_id is not null;
create index units_of_sku on units (tenant, sku, state);
-- one key, one unit; validation looks up by it
create unique index units_by_fingerprint on units (fingerprint, tenant) where fingerprint is not null;
