-- one row for each order of which anything is known: whoever decides about its money locks it first, also before the
-- order itself is known
create table order_locks (
  tenant text not null,
  order_id uuid not null,
  cancelled_units uuid[] not null default '{}',
  primary key (tenant, order_id)
);

create table orders (
  tenant text not null,
  id uuid not null,
  number text not null,
  customer_id uuid not null,
  channel text not null,
  market text not null,
  seller_id text not null,
  payment_method text not null,
  currency text not null,
  gross bigint not null,
  ordered_at timestamptz not null,
  pay_until timestamptz not null,
  reference text,
  requested_at timestamptz,
  traceparent text,
  -- the payment of the latest checkout; whoever begins another one names the one that it follows
  checkout_payment_id uuid,
  primary key (tenant, id),
  unique (tenant, reference)
);

create index orders_unrequested on orders (tenant, seller_id) where reference is not null and requested_at is null;

create table units (
  tenant text not null,
  order_id uuid not null,
  id uuid not null,
  position integer not null,
  gross bigint not null,
  -- the payment, receipt or allocation whose money it is
  covered_by uuid,
  primary key (tenant, order_id, id)
);

create table sellers (
  tenant text not null,
  id text not null,
  iban text not null,
  bic text not null,
  payee text not null,
  sequence bigint not null,
  primary key (tenant, id)
);

create index sellers_account on sellers (tenant, iban);

-- the public keys to which a seller's records of a calendar year are sealed
create table records_keys (
  tenant text not null,
  seller_id text not null,
  year integer not null,
  key_id uuid not null,
  public_key bytea not null,
  primary key (tenant, seller_id, year)
);
