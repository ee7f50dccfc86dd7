-- one row for each order of which anything was heard: whoever decides about its money locks it first, also before
-- the order itself was heard of
create table stories (
  tenant text not null,
  order_id uuid not null,
  cancelled uuid[] not null default '{}',
  primary key (tenant, order_id)
);

create table orders (
  tenant text not null,
  order_id uuid not null,
  number text not null,
  customer uuid not null,
  channel text not null,
  market text not null,
  seller text not null,
  payment_method text not null,
  currency text not null,
  gross bigint not null,
  ordered_at timestamptz not null,
  pay_until timestamptz not null,
  reference text,
  requested_at timestamptz,
  traceparent text,
  primary key (tenant, order_id),
  unique (tenant, reference)
);

create index orders_unrequested on orders (tenant, seller) where reference is not null and requested_at is null;

create table units (
  tenant text not null,
  order_id uuid not null,
  unit uuid not null,
  place integer not null,
  gross bigint not null,
  -- the payment or receipt whose money it is
  covered_by uuid,
  primary key (tenant, order_id, unit)
);

create table sellers (
  tenant text not null,
  seller text not null,
  iban text not null,
  bic text not null,
  payee text not null,
  sequence bigint not null,
  primary key (tenant, seller)
);

create index sellers_account on sellers (tenant, iban);

-- the public keys to which a seller's records of a calendar year are sealed
create table records_keys (
  tenant text not null,
  seller text not null,
  year integer not null,
  key uuid not null,
  public bytea not null,
  primary key (tenant, seller, year)
);

create table customers (
  tenant text not null,
  customer uuid not null,
  keep_data boolean not null default false,
  -- the provider's id of the customer; asked_at tells that one may have been made there
  provider_customer text,
  asked_at timestamptz,
  forget_since timestamptz,
  gone_at timestamptz,
  claimed_until timestamptz,
  -- the destroyed profile key, confirmed once the provider has forgotten the customer
  profile_key uuid,
  confirmed_at timestamptz,
  traceparent text,
  primary key (tenant, customer)
);

create index customers_to_forget on customers (forget_since) where forget_since is not null and gone_at is null;

create table payments (
  tenant text not null,
  payment uuid not null,
  order_id uuid not null,
  amount bigint not null,
  currency text not null,
  opened_at timestamptz not null,
  session text,
  url text,
  intent text,
  authorized_at timestamptz,
  declined_at timestamptz,
  failed_at timestamptz,
  expired_at timestamptz,
  captured_at timestamptz,
  captured_amount bigint,
  captured_currency text,
  said_at timestamptz,
  ask_at timestamptz,
  asked integer not null default 0,
  claimed_until timestamptz,
  primary key (tenant, payment),
  unique (tenant, session),
  unique (tenant, intent)
);

create index payments_of_order on payments (tenant, order_id);
create index payments_of_intent on payments (intent);
create index payments_to_ask on payments (ask_at) where ask_at is not null;

-- what the provider has told, once each; tenant is empty where it said nothing by which to know it;
-- facts stay until what they speak of is known
create table notices (
  tenant text not null,
  event text not null,
  kind text not null,
  order_id uuid,
  intent text,
  facts jsonb,
  heard_at timestamptz not null,
  primary key (tenant, event)
);

create index notices_of_order on notices (tenant, order_id) where facts is not null;
create index notices_of_intent on notices (intent) where facts is not null;
create index notices_old on notices (heard_at);

create table refunds (
  tenant text not null,
  refund uuid not null,
  order_id uuid not null,
  amount bigint not null,
  currency text not null,
  state text not null,
  payment uuid,
  provider_refund text,
  reference text,
  ask_at timestamptz,
  tries integer not null default 0,
  claimed_until timestamptz,
  traceparent text,
  decided_at timestamptz not null,
  primary key (tenant, refund)
);

create index refunds_of_order on refunds (tenant, order_id);
create index refunds_to_ask on refunds (ask_at) where state in ('due', 'asked');
create index refunds_to_pay_out on refunds (tenant, refund) where state = 'payout';

-- the refunds that the provider knows, ours and its own
create table repayments (
  tenant text not null,
  repayment uuid not null,
  provider_refund text not null,
  payment uuid not null,
  refund uuid,
  amount bigint not null,
  currency text not null,
  status text not null,
  said_at timestamptz,
  primary key (tenant, repayment),
  unique (tenant, provider_refund)
);

create index repayments_of_payment on repayments (tenant, payment);

create table statements (
  tenant text not null,
  statement uuid not null,
  account text not null,
  number_hash bytea not null,
  digest bytea not null,
  entries integer not null,
  matched integer not null,
  imported_at timestamptz not null,
  imported_by text not null,
  primary key (tenant, statement),
  unique (tenant, account, number_hash)
);

-- booked credits; payer is sealed to the seller's records key of the year
create table receipts (
  tenant text not null,
  receipt uuid not null,
  statement uuid not null,
  position integer not null,
  account text not null,
  entry_hash bytea,
  amount bigint not null,
  currency text not null,
  booked_on date not null,
  order_id uuid,
  payer text not null,
  primary key (tenant, receipt),
  unique (tenant, statement, position)
);

create index receipts_of_entry on receipts (tenant, account, entry_hash);
create index receipts_of_order on receipts (tenant, order_id);

create table review (
  tenant text not null,
  entry uuid not null,
  reason text not null,
  amount bigint not null,
  currency text not null,
  allocated bigint not null default 0,
  order_id uuid,
  payment uuid,
  receipt uuid,
  refund uuid,
  opened_at timestamptz not null,
  closed_at timestamptz,
  outcome text,
  primary key (tenant, entry),
  unique nulls not distinct (tenant, reason, payment, receipt, refund)
);

create index review_open on review (tenant, entry) where closed_at is null;
create index review_of_receipt on review (tenant, receipt);

-- each reading of a sealed record, kept as long as the record (FEATURES part 2)
create table record_readings (
  tenant text not null,
  subject uuid not null,
  reader text not null,
  purpose text not null,
  read_at timestamptz not null
);

create index record_readings_of_subject on record_readings (tenant, subject, read_at);
