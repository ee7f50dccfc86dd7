-- the public keys to which a seller's records of a calendar year are sealed
create table records_keys (
  tenant text not null,
  seller text not null,
  year integer not null,
  key uuid not null,
  public bytea not null,
  primary key (tenant, seller, year)
);

-- one row per order, locked before its parts are counted; it may be made by any of the order's events
create table orders (
  tenant text not null,
  order_id uuid not null,
  channel text not null,
  market text not null,
  seller text not null,
  order_number text not null,
  ordered_at timestamptz not null,
  -- what was agreed, as OrderPlaced said it, without boxes; null until it is heard
  placed jsonb,
  contact_key uuid,
  name_box text,
  email_box text,
  acknowledge_at timestamptz,
  -- placed in history before EFFECTS_SINCE: no acknowledgement
  quiet boolean not null default false,
  transfer jsonb,
  cancelled uuid[] not null default '{}',
  -- when time alone may make an e-mail due
  look_at timestamptz,
  traceparent text,
  primary key (tenant, order_id)
);

create index orders_to_look_at on orders (look_at) where look_at is not null;
create index orders_of_contact on orders (tenant, contact_key);

-- announced_in: the e-mail that first spoke of this unit (0: history before EFFECTS_SINCE); delivered_in: that delivered it
create table paid_units (
  tenant text not null,
  order_id uuid not null,
  unit uuid not null,
  line uuid not null,
  payment uuid not null,
  paid_at timestamptz not null,
  known_at timestamptz not null,
  deliver_from timestamptz,
  download boolean not null,
  keyed boolean not null,
  announced_in integer,
  delivered_in integer,
  primary key (tenant, order_id, unit)
);

create table releases (
  tenant text not null,
  order_id uuid not null,
  line uuid not null,
  deliver_from timestamptz not null,
  primary key (tenant, order_id, line)
);

create table returned_units (
  tenant text not null,
  order_id uuid not null,
  unit uuid not null,
  primary key (tenant, order_id, unit)
);

create table backordered_units (
  tenant text not null,
  order_id uuid not null,
  unit uuid not null,
  primary key (tenant, order_id, unit)
);

-- each token of a grant is a link; digest is that of its box, which a repeated event repeats
create table links (
  tenant text not null,
  order_id uuid not null,
  line uuid not null,
  granted uuid not null,
  digest bytea not null,
  token text,
  units uuid[] not null,
  files text[] not null,
  valid_until timestamptz not null,
  download_limit integer not null,
  sequence bigint not null,
  emailed_in integer,
  primary key (tenant, order_id, digest)
);

create table license_keys (
  tenant text not null,
  order_id uuid not null,
  license uuid not null,
  line uuid not null,
  unit uuid not null,
  license_key text,
  issued_at timestamptz not null,
  emailed_in integer,
  primary key (tenant, order_id, license)
);

create table refunds (
  tenant text not null,
  order_id uuid not null,
  refund uuid not null,
  units uuid[] not null,
  reason text not null,
  primary key (tenant, order_id, refund)
);

create table repayments (
  tenant text not null,
  order_id uuid not null,
  repayment uuid not null,
  refund uuid,
  amount bigint not null,
  currency text not null,
  refunded_at timestamptz not null,
  known_at timestamptz not null,
  emailed_in integer,
  primary key (tenant, order_id, repayment)
);

create table emails (
  tenant text not null,
  email uuid not null,
  order_id uuid not null,
  kind text not null,
  -- within the order, from 1 on; an order's e-mails leave in this sequence
  sequence integer not null,
  about uuid,
  message_id text not null,
  state text not null,
  created_at timestamptz not null,
  send_at timestamptz not null,
  -- real time, whatever the service's clock says
  leased_until timestamptz,
  attempts integer not null default 0,
  -- an attempt may have reached the server: whatever is sent again is sent as it was
  lost boolean not null default false,
  failures integer not null default 0,
  first_failed_at timestamptz,
  settled_at timestamptz,
  code integer,
  answer text,
  units uuid[] not null default '{}',
  -- what was sent, links and keys masked, sealed to the seller's records of that year
  letter text,
  traceparent text,
  primary key (tenant, email),
  unique (tenant, order_id, kind, sequence),
  unique (tenant, order_id, sequence),
  unique (tenant, message_id)
);

create unique index emails_one_acknowledgement on emails (tenant, order_id) where kind = 'acknowledgement';
create unique index emails_one_notice on emails (tenant, order_id, about) where about is not null;
create index emails_to_send on emails (send_at) where state in ('waiting', 'sending');
create index emails_bounced on emails (tenant, settled_at desc) where state = 'bounced';

-- each opening of a kept letter, kept as long as the letter (FEATURES part 2)
create table letter_readings (
  tenant text not null,
  email uuid not null,
  reader text not null,
  read_at timestamptz not null
);

create index letter_readings_of_email on letter_readings (tenant, email, read_at);
