create table refunds (
  tenant text not null,
  id uuid not null,
  order_id uuid not null,
  amount bigint not null,
  currency text not null,
  state text not null,
  payment_id uuid,
  -- what is left of it to send, where a part of the money went back on the provider's page
  reduced_to bigint,
  -- the units that it takes back
  unit_ids uuid[] not null default '{}',
  -- the bank's, where staff has sent the money by hand
  reference text,
  ask_at timestamptz,
  attempts integer not null default 0,
  claimed_until timestamptz,
  traceparent text,
  decided_at timestamptz not null,
  primary key (tenant, id)
);

create index refunds_of_order on refunds (tenant, order_id);
create index refunds_decided on refunds (tenant, decided_at);
create index refunds_to_ask on refunds (ask_at) where state in ('due', 'asked', 'disputed');
-- a payout that the bank returns names the reference under which it was sent
create index refunds_paid_out on refunds (tenant, reference) where reference is not null;
create index refunds_to_pay_out on refunds (tenant, id) where state = 'payout';

-- the refunds that the provider knows, ours and its own
create table repayments (
  tenant text not null,
  id uuid not null,
  provider_refund_id text not null,
  payment_id uuid not null,
  refund_id uuid,
  amount bigint not null,
  currency text not null,
  status text not null,
  -- when PaymentRefunded was published
  published_at timestamptz,
  primary key (tenant, id),
  unique (tenant, provider_refund_id)
);

create index repayments_of_payment on repayments (tenant, payment_id);

-- charges that the customer's bank takes back, or asks about; id is the provider's
create table disputes (
  tenant text not null,
  id text not null,
  -- by which events name it
  public_id uuid not null,
  payment_id uuid not null,
  amount bigint not null,
  currency text not null,
  status text not null,
  opened_at timestamptz not null,
  -- the status that was published last
  published text,
  primary key (tenant, id)
);

create index disputes_of_payment on disputes (tenant, payment_id);
