-- the public keys to which a seller's records of a calendar year are sealed
create table records_keys (
  tenant text not null,
  seller text not null,
  year integer not null,
  key_id uuid not null,
  public_key bytea not null,
  primary key (tenant, seller, year)
);

-- where sellers are reached now: what is answered to a letter goes there, whatever held when its order was placed
create table sellers (
  tenant text not null,
  seller text not null,
  legal_name text not null,
  address text not null,
  vat_id text not null,
  email text,
  telephone text,
  -- the place among the sellers of the tenant
  position integer not null,
  sequence bigint not null,
  primary key (tenant, seller)
);

-- under which brand letters about the orders of a channel are written: that of the first of its shops that are open
create table shops (
  tenant text not null,
  id text not null,
  channel text not null,
  -- null while it is closed
  brand jsonb,
  opened_at timestamptz not null,
  sequence bigint not null,
  primary key (tenant, id)
);

create index shops_of_channel on shops (tenant, channel);

-- where an answer to an order's letters goes instead of to the seller: the alias of their conversation, if there is one
create table reply_addresses (
  tenant text not null,
  order_id uuid not null,
  address text not null,
  primary key (tenant, order_id)
);

-- where a customer is written to since the address of the order was changed, whatever was sealed into the order
create table addresses (
  tenant text not null,
  contact_key_id uuid not null,
  email_box text not null,
  sequence bigint not null,
  primary key (tenant, contact_key_id)
);

-- letters that belong to no order: what of them is not about to be sent is null
create table notifications (
  tenant text not null,
  id uuid not null,
  about text not null,
  -- the change of address or redemption
  subject uuid not null,
  contact_key_id uuid not null,
  -- goes to the customer's latest address, not to the one that it is about
  follows boolean not null,
  language text not null,
  name_box text,
  email_box text,
  -- a code
  secret_box text,
  facts jsonb not null,
  -- of a withdrawal: what follows for each line
  rows jsonb not null,
  message_id text not null,
  state text not null default 'waiting',
  written_at timestamptz not null,
  send_at timestamptz not null,
  -- when it says nothing any more
  expires_at timestamptz,
  -- real time, whatever the service's clock says
  leased_until timestamptz,
  failures integer not null default 0,
  first_failed_at timestamptz,
  settled_at timestamptz,
  code integer,
  answer text,
  primary key (tenant, id),
  unique (tenant, subject, about)
);

create index notifications_to_send on notifications (send_at) where state = 'waiting';
create index notifications_bounced on notifications (tenant, settled_at desc, id desc) where state = 'bounced';
create index notifications_of_contact on notifications (tenant, contact_key_id);

-- one row per order, locked before its facts are counted; it may be made by any of the order's events
create table orders (
  tenant text not null,
  id uuid not null,
  channel text not null,
  market text not null,
  seller text not null,
  number text not null,
  ordered_at timestamptz not null,
  -- what was agreed, of OrderPlaced; null until that is consumed
  agreement jsonb,
  contact_key_id uuid,
  name_box text,
  email_box text,
  acknowledge_at timestamptz,
  -- placed in history before EFFECTS_SINCE: no acknowledgement
  quiet boolean not null default false,
  transfer jsonb,
  -- when time alone may make an e-mail due
  conclude_at timestamptz,
  primary key (tenant, id)
);

create index orders_to_conclude on orders (conclude_at) where conclude_at is not null;
create index orders_of_contact on orders (tenant, contact_key_id);

-- announced_in: the first e-mail that mentions this unit (0: history before EFFECTS_SINCE); delivered_in: that delivered it
create table paid_units (
  tenant text not null,
  order_id uuid not null,
  id uuid not null,
  line_id uuid not null,
  payment_id uuid not null,
  paid_at timestamptz not null,
  known_at timestamptz not null,
  deliver_from timestamptz,
  download boolean not null,
  keyed boolean not null,
  announced_in integer,
  delivered_in integer,
  -- of the payment: later e-mails of the order belong to its trace
  traceparent text,
  primary key (tenant, order_id, id)
);

create table releases (
  tenant text not null,
  order_id uuid not null,
  line_id uuid not null,
  deliver_from timestamptz not null,
  primary key (tenant, order_id, line_id)
);

-- the statements by which a customer asked for immediate delivery after the order was placed
create table later_consents (
  tenant text not null,
  order_id uuid not null,
  kind text not null,
  text text not null,
  given_at timestamptz not null,
  primary key (tenant, order_id, kind)
);

create table cancelled_units (
  tenant text not null,
  order_id uuid not null,
  unit_id uuid not null,
  reason text not null,
  emailed_in integer,
  primary key (tenant, order_id, unit_id)
);

-- while one of them is not won, no letter brings links or keys
create table disputes (
  tenant text not null,
  order_id uuid not null,
  id uuid not null,
  won boolean not null,
  primary key (tenant, order_id, id)
);

-- the units that a claim wants back, by the fact with the highest revision; until they are refunded, the same
create table claims (
  tenant text not null,
  order_id uuid not null,
  id uuid not null,
  revision integer not null,
  unit_ids uuid[] not null,
  primary key (tenant, order_id, id)
);

create table backordered_units (
  tenant text not null,
  order_id uuid not null,
  unit_id uuid not null,
  primary key (tenant, order_id, unit_id)
);

-- each token of a grant is a link; digest is that of its box, which a repeated event repeats
create table links (
  tenant text not null,
  order_id uuid not null,
  digest bytea not null,
  line_id uuid not null,
  grant_id uuid not null,
  token text,
  unit_ids uuid[] not null,
  files text[] not null,
  valid_until timestamptz not null,
  download_limit integer not null,
  sequence bigint not null,
  emailed_in integer,
  primary key (tenant, order_id, digest)
);

-- the terms of a grant since staff has changed them, by the newest event; emailed_in: the e-mail that states them
create table extensions (
  tenant text not null,
  order_id uuid not null,
  grant_id uuid not null,
  sequence bigint not null,
  valid_until timestamptz not null,
  download_limit integer not null,
  emailed_in integer,
  primary key (tenant, order_id, grant_id)
);

-- a key of a purchase covers several units, and more when more are paid (LIC-4)
create table license_keys (
  tenant text not null,
  order_id uuid not null,
  id uuid not null,
  line_id uuid not null,
  unit_ids uuid[] not null,
  license_key text,
  issued_at timestamptz not null,
  emailed_in integer,
  primary key (tenant, order_id, id)
);

-- which e-mail carries a link or key to a unit (0: history before EFFECTS_SINCE): several e-mails may carry one to
-- different units. part is a link's digest or the bytes of a licence's id. Where a link or key has no row here, its own
-- emailed_in is for all its units.
create table email_contents (
  tenant text not null,
  order_id uuid not null,
  part bytea not null,
  unit_id uuid not null,
  emailed_in integer not null,
  primary key (tenant, order_id, part, unit_id)
);

create table refunds (
  tenant text not null,
  order_id uuid not null,
  id uuid not null,
  unit_ids uuid[] not null,
  reason text not null,
  primary key (tenant, order_id, id)
);

create table repayments (
  tenant text not null,
  order_id uuid not null,
  id uuid not null,
  refund_id uuid not null,
  amount bigint not null,
  currency text not null,
  refunded_at timestamptz not null,
  known_at timestamptz not null,
  emailed_in integer,
  primary key (tenant, order_id, id)
);

create table emails (
  tenant text not null,
  id uuid not null,
  order_id uuid not null,
  kind text not null,
  -- within the order, from 1 on; an order's e-mails leave in this sequence
  sequence integer not null,
  -- what a refund notice is about
  repayment_id uuid,
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
  -- the units that it has delivered
  unit_ids uuid[] not null default '{}',
  -- the letter as it was first handed to the mail server: what may have arrived is repeated from it
  letter text,
  -- what was sent, links and keys masked, sealed to the seller's records of that year
  sealed_copy text,
  traceparent text,
  primary key (tenant, id),
  unique (tenant, order_id, sequence),
  unique (tenant, message_id)
);

create unique index emails_one_acknowledgement on emails (tenant, order_id) where kind = 'acknowledgement';
create unique index emails_one_notice on emails (tenant, order_id, repayment_id) where repayment_id is not null;
create index emails_to_send on emails (send_at) where state in ('waiting', 'sending');
create index emails_bounced on emails (tenant, settled_at desc) where state = 'bounced';
