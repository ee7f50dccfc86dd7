-- one row for each order of which anything is known: whoever decides about its money locks it first, also before the
-- order itself is known
create table order_locks (
  tenant text not null,
  order_id uuid not null,
  cancelled_units uuid[] not null default '{}',
  -- whether transferred money is in for it: no checkout of it stays open
  transferred boolean not null default false,
  primary key (tenant, order_id)
);

create table orders (
  tenant text not null,
  id uuid not null,
  number text not null,
  -- as it is looked for in what payers write
  number_signs text not null generated always as (regexp_replace(upper(number), '[^0-9A-Z]', '', 'g')) stored,
  -- the same without the leading zeros of its last part
  number_short text not null generated always as (
    regexp_replace(regexp_replace(upper(number), '[^0-9A-Z]+0*([1-9][0-9]*)$', '\1'), '[^0-9A-Z]', '', 'g')
  ) stored,
  customer_id uuid not null,
  -- for which it was ordered, if for one
  organisation_id uuid,
  -- in which its customer reads
  language text not null,
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

create index orders_of_customer on orders (tenant, customer_id);

create index orders_unrequested on orders (tenant, seller_id) where reference is not null and requested_at is null;

create index orders_by_number on orders (tenant, number_signs) where reference is not null;

create index orders_by_short_number on orders (tenant, number_short) where reference is not null;

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

-- every account that a seller has had since then: money arrives on former ones for years
create table accounts (
  tenant text not null,
  seller_id text not null,
  iban text not null,
  since timestamptz not null,
  -- of several sellers who have had it, the latest has it
  sequence bigint not null,
  primary key (tenant, iban, seller_id)
);

-- the public keys to which a seller's records of a calendar year are sealed
create table records_keys (
  tenant text not null,
  seller_id text not null,
  year integer not null,
  key_id uuid not null,
  public_key bytea not null,
  primary key (tenant, seller_id, year)
);
