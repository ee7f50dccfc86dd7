create table sellers (
  tenant text not null,
  seller text not null,
  legal_name text not null,
  address text not null,
  vat_id text not null,
  country text not null,
  sequence bigint not null,
  primary key (tenant, seller)
);

-- the public keys to which a seller's records of a calendar year are sealed
create table records_keys (
  tenant text not null,
  seller text not null,
  year integer not null,
  key uuid not null,
  public bytea not null,
  primary key (tenant, seller, year)
);

create table products (
  tenant text not null,
  product uuid not null,
  sequence bigint not null,
  primary key (tenant, product)
);

create table offers (
  tenant text not null,
  channel text not null,
  sku text not null,
  product uuid not null,
  name text not null,
  channel_kind text not null,
  seller text not null,
  fulfilment text not null,
  tax_class text not null,
  key_source text not null,
  key_prefix text not null,
  link_validity_days integer not null,
  download_limit integer not null,
  sellable_from timestamptz not null,
  sellable_until timestamptz,
  markets text[] not null,
  customer_types text[] not null,
  rrp jsonb not null,
  prices jsonb not null,
  primary key (tenant, channel, sku)
);

create index offers_product on offers (tenant, product);

create table coupons (
  tenant text not null,
  coupon uuid not null,
  code text not null,
  channel text not null,
  discount_basis_points integer not null,
  valid_from timestamptz not null,
  valid_until timestamptz not null,
  uses integer,
  used integer not null default 0,
  sequence bigint not null,
  primary key (tenant, coupon),
  unique (tenant, channel, code)
);

create table tax_rates (
  country text not null,
  tax_class text not null,
  valid_from date not null,
  rate integer not null,
  primary key (country, tax_class, valid_from)
);

insert into tax_rates (country, tax_class, valid_from, rate)
values ('DE', 'standard', '2007-01-01', 1900),
       ('DE', 'standard', '2020-07-01', 1600),
       ('DE', 'standard', '2021-01-01', 1900),
       ('DE', 'reduced', '2021-01-01', 700);

create table texts (
  kind text not null,
  language text not null,
  version text not null,
  text text not null,
  valid_from timestamptz not null,
  primary key (kind, language, version)
);

create sequence order_numbers;

create table orders (
  tenant text not null,
  order_id uuid not null,
  number text not null,
  customer uuid not null,
  customer_type text not null,
  channel text not null,
  market text not null,
  seller text not null,
  language text not null,
  payment_method text not null,
  coupon uuid,
  currency text not null,
  net bigint not null,
  tax bigint not null,
  gross bigint not null,
  ordered_at timestamptz not null,
  pay_until timestamptz not null,
  withdrawal_end timestamptz not null,
  closed_at timestamptz,
  contact_until timestamptz,
  state text not null,
  -- everything else that was agreed, as it was said: the story's header, boxes, texts
  placed jsonb not null,
  primary key (tenant, order_id),
  unique (tenant, number)
);

create index orders_newest on orders (tenant, ordered_at desc, order_id desc);
create index orders_of_customer on orders (tenant, customer, ordered_at desc, order_id desc);
create index orders_unpaid on orders (pay_until) where state = 'open';

create table lines (
  tenant text not null,
  order_id uuid not null,
  line uuid not null,
  place integer not null,
  deliver_from timestamptz,
  link_until timestamptz,
  link_sequence bigint,
  facts jsonb not null,
  primary key (tenant, order_id, line)
);

create table units (
  tenant text not null,
  order_id uuid not null,
  line uuid not null,
  unit uuid not null,
  place integer not null,
  net bigint not null,
  tax bigint not null,
  gross bigint not null,
  fulfilment text not null,
  paid_at timestamptz,
  delivered_at timestamptz,
  refunded_at timestamptz,
  cancelled_at timestamptz,
  primary key (tenant, order_id, unit)
);

create table consents (
  tenant text not null,
  order_id uuid not null,
  kind text not null,
  version text not null,
  language text not null,
  text text not null,
  given_at timestamptz not null,
  primary key (tenant, order_id, kind)
);

create table refunds (
  tenant text not null,
  refund uuid not null,
  order_id uuid not null,
  units uuid[] not null,
  reason text not null,
  amount bigint not null,
  refunded_at timestamptz not null,
  decided_by text not null,
  primary key (tenant, refund)
);

create index refunds_of_order on refunds (tenant, order_id);

-- what a provider paid back by itself; units is empty where staff has to say what it was for
create table provider_refunds (
  tenant text not null,
  repayment uuid not null,
  order_id uuid not null,
  amount bigint not null,
  currency text not null,
  units uuid[] not null,
  primary key (tenant, repayment)
);

-- each reading of a sealed record, kept as long as the record (FEATURES part 2)
create table record_readings (
  tenant text not null,
  order_id uuid not null,
  reader text not null,
  purpose text not null,
  read_at timestamptz not null
);

create index record_readings_of_order on record_readings (tenant, order_id, read_at);
