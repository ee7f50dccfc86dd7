create table sellers (
  tenant text not null,
  seller text not null,
  legal_name text not null,
  address text not null,
  vat_id text not null,
  country text not null,
  email text,
  telephone text,
  sequence bigint not null,
  primary key (tenant, seller)
);

-- the public keys to which a seller's records of a calendar year are sealed
create table records_keys (
  tenant text not null,
  seller text not null,
  year integer not null,
  key_id uuid not null,
  public_key bytea not null,
  primary key (tenant, seller, year)
);

create table products (
  tenant text not null,
  id uuid not null,
  sequence bigint not null,
  primary key (tenant, id)
);

create table offers (
  tenant text not null,
  channel text not null,
  sku text not null,
  product_id uuid not null,
  name text not null,
  channel_kind text not null,
  seller text not null,
  fulfilment text not null,
  tax_class text not null,
  key_source text not null,
  key_prefix text not null,
  -- unit: each unit gets a key of its own; purchase: all units of a line share one (LIC-4)
  keys_per text not null,
  link_validity_days integer not null,
  download_limit integer not null,
  sellable_from timestamptz not null,
  sellable_until timestamptz,
  markets text[] not null,
  customer_types text[] not null,
  rrp jsonb not null,
  prices jsonb not null,
  -- of the event it comes from: an SKU may move between products, whose events arrive in any order
  sequence bigint not null,
  primary key (tenant, channel, sku)
);

create index offers_product on offers (tenant, product_id);

create table coupons (
  tenant text not null,
  id uuid not null,
  code text not null,
  -- by which it is known however it is typed
  form text not null generated always as (replace(code, '-', '')) stored,
  channel text not null,
  discount_basis_points integer not null,
  valid_from timestamptz not null,
  valid_until timestamptz not null,
  uses integer,
  uses_per_customer integer not null,
  sequence bigint not null,
  primary key (tenant, id),
  unique (tenant, channel, form)
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

-- a seller's own notices of the right of withdrawal; without one the statutory model holds. None is ever changed.
create table notices (
  tenant text not null,
  seller text not null,
  language text not null,
  fulfilment text not null check (fulfilment in ('download', 'boxed')),
  version text not null,
  text text not null,
  valid_from timestamptz not null,
  put_by text not null,
  primary key (tenant, seller, language, fulfilment, version),
  unique (tenant, seller, language, fulfilment, valid_from)
);

-- each seller has a sequence of order numbers of its own: nobody learns from them how much others sell
create function order_numbers_of(tenant text, seller text) returns text language sql immutable as $$
  select 'order_numbers_' || md5(tenant || chr(31) || seller)
$$;

create function open_order_numbers(tenant text, seller text) returns void language plpgsql as $$
begin
  if to_regclass(order_numbers_of(tenant, seller)) is null then
    execute format('create sequence %I', order_numbers_of(tenant, seller));
  end if;
end
$$;

create table orders (
  tenant text not null,
  id uuid not null,
  number text not null,
  customer_id uuid not null,
  customer_type text not null,
  channel text not null,
  market text not null,
  seller text not null,
  payment_method text not null,
  coupon_id uuid,
  currency text not null,
  net bigint not null,
  tax bigint not null,
  gross bigint not null,
  ordered_at timestamptz not null,
  -- what is unpaid then is cancelled
  lapses_at timestamptz not null,
  withdrawal_end timestamptz not null,
  claim_window interval not null,
  closed_at timestamptz,
  contact_until timestamptz,
  -- when an e-mail first confirmed both statements by which a consumer asks for immediate delivery (BGB 356(5))
  confirmed_at timestamptz,
  state text not null,
  -- OrderPlaced, with everything else that was agreed: the header, boxes, texts
  placed jsonb not null,
  -- for which the customer acted; null where they acted for themself
  organisation_id uuid,
  primary key (tenant, id),
  unique (tenant, seller, number)
);

create index orders_of_number on orders (tenant, upper(number));
-- the last digits of a number are looked for, too
create index orders_of_ending on orders (tenant, reverse(number) text_pattern_ops);
create index orders_newest on orders (tenant, ordered_at desc, id desc);
create index orders_of_customer on orders (tenant, customer_id, ordered_at desc, id desc);
create index orders_of_organisation on orders (tenant, organisation_id, ordered_at desc, id desc)
where organisation_id is not null;
-- how often a coupon is used follows from its orders
create index orders_of_coupon on orders (tenant, coupon_id, customer_id) where coupon_id is not null;
-- what is unpaid of an order lapses, also where the rest is paid or refunded; such an order waits until it is closed
create index orders_unfinished on orders (lapses_at)
where state in ('open', 'partly_paid') or (state = 'partly_refunded' and closed_at is null);

create table lines (
  tenant text not null,
  order_id uuid not null,
  id uuid not null,
  position integer not null,
  deliver_from timestamptz,
  link_until timestamptz,
  link_sequence bigint,
  -- the line as it stands in OrderPlaced
  details jsonb not null,
  primary key (tenant, order_id, id)
);

create table units (
  tenant text not null,
  order_id uuid not null,
  id uuid not null,
  line_id uuid not null,
  position integer not null,
  net bigint not null,
  tax bigint not null,
  gross bigint not null,
  fulfilment text not null,
  paid_at timestamptz,
  delivered_at timestamptz,
  refunded_at timestamptz,
  cancelled_at timestamptz,
  -- when the e-mail that carries it was last refused for good, and when the order stopped waiting for another try
  bounced_at timestamptz,
  given_up_at timestamptz,
  -- when a claim was decided for the buyer for good: it is refunded once it is paid
  granted_at timestamptz,
  primary key (tenant, order_id, id)
);

-- boxes that are paid for and not posted yet
create index units_to_ship on units (tenant, order_id)
where fulfilment = 'boxed' and paid_at is not null and delivered_at is null and refunded_at is null
  and cancelled_at is null;

create index units_bounced on units (bounced_at)
where bounced_at is not null and delivered_at is null and given_up_at is null;

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
  id uuid not null,
  order_id uuid not null,
  unit_ids uuid[] not null,
  reason text not null,
  amount bigint not null,
  refunded_at timestamptz not null,
  decided_by text not null,
  primary key (tenant, id)
);

create index refunds_of_order on refunds (tenant, order_id);

-- what a provider paid back by itself; unit_ids is empty where staff has to say what it was for
create table repayments (
  tenant text not null,
  id uuid not null,
  order_id uuid not null,
  amount bigint not null,
  currency text not null,
  unit_ids uuid[] not null,
  primary key (tenant, id)
);

create index repayments_of_order on repayments (tenant, order_id);
create index repayments_unexplained on repayments (tenant, id) where unit_ids = '{}';

-- where boxes go; kept in no event, for nobody else posts them
create table shipping_addresses (
  tenant text not null,
  order_id uuid not null,
  address text not null,
  primary key (tenant, order_id)
);
