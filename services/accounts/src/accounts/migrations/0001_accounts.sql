create table tenants (
  id text primary key,
  name text not null,
  -- the key of this tenant's blind indexes, wrapped by the master key under the id beside it
  index_key_id uuid not null,
  wrapped_index_key bytea not null
);

create table sellers (
  tenant text not null,
  id text not null,
  position integer not null,
  legal_name text not null,
  address text not null,
  vat_id text not null,
  country text not null,
  iban text not null,
  bic text not null,
  payee text not null,
  email text not null,
  telephone text not null,
  primary key (tenant, id)
);

-- keys of customers, staff and sellers; a row that says when its private key was destroyed is a tombstone and stays
create table subject_keys (
  tenant text not null,
  id uuid not null,
  kind text not null check (kind in ('profile', 'contact', 'records', 'staff', 'export', 'organisation')),
  -- the id of a customer, a member of staff, a seller, an export or an organisation
  subject text not null,
  year integer,
  public_key bytea not null,
  created_at timestamptz not null,
  destroyed_at timestamptz,
  primary key (tenant, id),
  unique (tenant, kind, subject, year)
);

-- services ask by key alone, for all tenants at once
create index subject_keys_id on subject_keys (id);

-- wrapped by the master key; apart from the tombstones, so that a backup which is kept for long leaves it out
create table private_keys (
  tenant text not null,
  key_id uuid not null,
  wrapped_key bytea not null,
  primary key (tenant, key_id)
);

-- private keys given to services: one row per key of records, one per answer for the others
create table key_disclosures (
  tenant text not null,
  id uuid not null,
  service text not null,
  purpose text not null,
  kind text not null,
  key_id uuid,
  key_count integer not null,
  disclosed_at timestamptz not null,
  primary key (tenant, id)
);

create table customers (
  tenant text not null,
  id uuid not null,
  market text not null,
  language text not null,
  keep_data boolean not null,
  registered_at timestamptz not null,
  deletion_asked_at timestamptz,
  erased_at timestamptz,
  contact_erased_at timestamptz,
  -- null as soon as there is no key left to open it with
  name_profile text,
  email_profile text,
  name_contact text,
  email_contact text,
  primary key (tenant, id)
);

create index customers_registered on customers (registered_at);
create index customers_erased on customers (tenant, erased_at desc, id desc) where erased_at is not null;
create index customers_to_erase on customers (erased_at) where erased_at is not null and contact_erased_at is null;

-- the blind index of the words of customers' names
create table name_words (
  tenant text not null,
  word_hmac bytea not null,
  customer_id uuid not null,
  primary key (tenant, word_hmac, customer_id)
);

create index name_words_customer on name_words (tenant, customer_id);

-- what is known of customers' orders, as far as erasure depends on it
create table orders (
  tenant text not null,
  id uuid not null,
  customer_id uuid not null,
  closed_at timestamptz,
  contact_until timestamptz,
  primary key (tenant, id)
);

create index orders_customer on orders (tenant, customer_id);

create table erasures (
  tenant text not null,
  customer_id uuid not null,
  expected_services text[] not null,
  primary key (tenant, customer_id)
);

create table erasure_confirmations (
  tenant text not null,
  key_id uuid not null,
  service text not null,
  customer_id uuid not null,
  confirmed_at timestamptz not null,
  primary key (tenant, key_id, service)
);

create table staff (
  tenant text not null,
  id uuid not null,
  -- sealed
  name text not null,
  email text not null,
  added_at timestamptz not null,
  left_at timestamptz,
  primary key (tenant, id)
);

-- The two tables below belong to the installation, not to a tenant.
create table services (
  name text primary key,
  -- two while secrets are exchanged
  secret_hashes bytea[] not null
);

-- published as long as they are in this table; times are real, because those of the verifiers' caches are
create table signing_keys (
  id uuid primary key,
  wrapped_key bytea not null,
  public_key bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  signs_from timestamptz not null
);
