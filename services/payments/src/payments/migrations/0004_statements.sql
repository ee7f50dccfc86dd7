create table statements (
  tenant text not null,
  id uuid not null,
  iban text not null,
  -- of its kind, number, last day and page
  identity_hash text not null,
  digest bytea not null,
  entries integer not null,
  -- how many of these are booked: an import that was cut off goes on there
  booked integer not null,
  matched integer not null,
  imported_at timestamptz not null,
  imported_by text not null,
  primary key (tenant, id),
  unique (tenant, iban, identity_hash)
);

-- booked credits and those that the bank has taken back; payer is sealed to the seller's records key of the year and
-- not kept where there is none; order_id is the order that the credit names; entry_hash is of the whole entry, part
-- which payment of it this is where it is of many; place is where it stands in its file, fault what cannot be read there
create table receipts (
  tenant text not null,
  id uuid not null,
  statement_id uuid not null,
  position integer not null,
  iban text not null,
  entry_hash text,
  part integer,
  amount bigint not null,
  currency text not null,
  booked_on date,
  order_id uuid,
  payer text,
  place text not null,
  fault text,
  primary key (tenant, id),
  unique (tenant, statement_id, position)
);

create index receipts_of_entry on receipts (tenant, iban, entry_hash);

-- how much an allocation has taken of which receipt, less what was freed of it again
create table allocations (
  tenant text not null,
  id uuid not null,
  receipt_id uuid not null,
  amount bigint not null,
  primary key (tenant, id, receipt_id)
);

-- money that a human has to look at
create table review_entries (
  tenant text not null,
  id uuid not null,
  reason text not null,
  amount bigint not null,
  currency text not null,
  allocated bigint not null default 0,
  order_id uuid,
  payment_id uuid,
  receipt_id uuid,
  refund_id uuid,
  -- the first of the units that this money covered until they were cancelled: by them a receipt is listed again
  unit_id uuid,
  -- orders that a credit which names none may mean
  proposed uuid[] not null default '{}',
  opened_at timestamptz not null,
  closed_at timestamptz,
  outcome text,
  primary key (tenant, id),
  unique nulls not distinct (tenant, reason, payment_id, receipt_id, refund_id, unit_id)
);

create index review_entries_open on review_entries (tenant, id) where closed_at is null;
create index review_entries_in_parts on review_entries (tenant, order_id)
  where closed_at is null and reason = 'underpaid';
create index review_entries_of_receipt on review_entries (tenant, receipt_id);
