create table tenants (
  tenant text not null,
  name text not null,
  -- the secret of this tenant's blind indexes, wrapped by the master key under the id beside it
  index_id uuid not null,
  index_secret bytea not null,
  primary key (tenant)
);

create table sellers (
  tenant text not null,
  seller text not null,
  place integer not null,
  legal_name text not null,
  address text not null,
  vat_id text not null,
  country text not null,
  iban text not null,
  bic text not null,
  payee text not null,
  primary key (tenant, seller)
);

-- keys of customers, staff and sellers; a row that says when its key was destroyed is a tombstone and stays
create table subject_keys (
  tenant text not null,
  key uuid not null,
  kind text not null check (kind in ('profile', 'contact', 'records', 'staff')),
  subject text not null,
  year integer,
  public bytea not null,
  made_at timestamptz not null,
  destroyed_at timestamptz,
  primary key (tenant, key),
  unique (tenant, kind, subject, year)
);

-- services ask by key alone, for all tenants at once
create index subject_keys_key on subject_keys (key);

-- wrapped by the master key; apart from the tombstones, so that a backup which is kept for long leaves it out
create table private_halves (
  tenant text not null,
  key uuid not null,
  wrapped bytea not null,
  primary key (tenant, key)
);

create table customers (
  tenant text not null,
  customer uuid not null,
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
  primary key (tenant, customer)
);

create index customers_erased on customers (tenant, erased_at desc, customer desc) where erased_at is not null;
create index customers_to_erase on customers (erased_at) where erased_at is not null and contact_erased_at is null;

create table staff (
  tenant text not null,
  staff uuid not null,
  name_staff text not null,
  email_staff text not null,
  since timestamptz not null,
  primary key (tenant, staff)
);

-- who may sign in: the mark is the blind index of the e-mail address
create table logins (
  tenant text not null,
  subject uuid not null,
  email_mark bytea not null,
  password_hash text not null,
  roles text[] not null,
  primary key (tenant, subject),
  unique (tenant, email_mark)
);

-- the blind index of the words of customers' names
create table name_marks (
  tenant text not null,
  mark bytea not null,
  customer uuid not null,
  primary key (tenant, mark, customer)
);

create index name_marks_customer on name_marks (tenant, customer);

-- attempts to sign in that have not succeeded, by blind marks of e-mail address and network address
create table attempts (
  tenant text not null,
  attempt uuid not null,
  email_mark bytea not null,
  address_mark bytea not null,
  outcome text not null check (outcome in ('open', 'refused', 'throttled')),
  at timestamptz not null,
  primary key (tenant, attempt)
);

create index attempts_email on attempts (tenant, email_mark, at);
create index attempts_address on attempts (tenant, address_mark, at);
create index attempts_at on attempts (at);

-- a family of refresh tokens begins with a sign-in; each token is used once, the hash alone is kept
create table sessions (
  tenant text not null,
  session uuid not null,
  subject uuid not null,
  began_at timestamptz not null,
  ended_at timestamptz,
  reason text,
  expires_at timestamptz not null,
  primary key (tenant, session)
);

create index sessions_subject on sessions (tenant, subject);
create index sessions_expiry on sessions (expires_at);

create table refresh_tokens (
  tenant text not null,
  hash bytea not null,
  session uuid not null,
  used_at timestamptz,
  primary key (tenant, hash),
  foreign key (tenant, session) references sessions on delete cascade
);

create index refresh_tokens_session on refresh_tokens (tenant, session);

-- what is known of customers' orders, as far as erasure depends on it
create table orders (
  tenant text not null,
  order_id uuid not null,
  customer uuid not null,
  closed_at timestamptz,
  contact_until timestamptz,
  primary key (tenant, order_id)
);

create index orders_customer on orders (tenant, customer);

create table erasures (
  tenant text not null,
  customer uuid not null,
  expected text[] not null,
  primary key (tenant, customer)
);

create table confirmations (
  tenant text not null,
  key uuid not null,
  service text not null,
  customer uuid not null,
  confirmed_at timestamptz not null,
  primary key (tenant, key, service)
);

create index confirmations_customer on confirmations (tenant, customer);

-- private halves handed out: one row per key of records, one per answer for the others
create table handouts (
  tenant text not null,
  handout uuid not null,
  service text not null,
  purpose text not null,
  kind text not null,
  key uuid,
  keys integer not null,
  at timestamptz not null,
  primary key (tenant, handout)
);

-- The two tables below are the house's, not a tenant's.
create table services (
  service text primary key,
  secret_hash bytea not null
);

-- published as long as they stand here; times are real, for verifiers' caches are
create table signing_keys (
  kid uuid primary key,
  wrapped bytea not null,
  public bytea not null,
  made_at timestamptz not null default clock_timestamp(),
  signs_from timestamptz not null
);
