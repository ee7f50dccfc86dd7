-- what is stored, by its hash; while damaged_at is set nothing of it is served
create table contents (
  tenant text not null,
  sha256 text not null,
  size bigint not null,
  etag text not null,
  stored_at timestamptz not null,
  verified_at timestamptz not null,
  damaged_at timestamptz,
  -- since when nobody can need it, and from when on it is removed from the store (real time): then it is there no more
  unneeded_since timestamptz,
  removing_at timestamptz,
  primary key (tenant, sha256)
);

create index contents_unneeded on contents (unneeded_since) where unneeded_since is not null;

create table files (
  tenant text not null,
  id uuid not null,
  sku text not null,
  name text not null,
  version text not null,
  media_type text not null,
  size bigint not null,
  sha256 text not null,
  released_at timestamptz not null,
  released_by text not null,
  -- when the article got it first, whatever has replaced it since
  added_at timestamptz not null,
  -- when it was retired; links that were granted before this moment keep it
  retired_at timestamptz,
  kept_before timestamptz,
  check ((retired_at is null) = (kept_before is null)),
  primary key (tenant, id),
  unique (tenant, sku, name)
);

create index files_of_content on files (tenant, sha256);

-- Facts, each recorded by itself, whatever else is known: orders, lines and units of OrderPaid, refunded units of
-- OrderRefunded, releases of DeliveryReleased.
create table orders (
  tenant text not null,
  id uuid not null,
  channel text not null,
  market text not null,
  seller text not null,
  number text not null,
  ordered_at timestamptz not null,
  customer_id uuid not null,
  -- for which it was bought, if for one
  organisation_id uuid,
  language text not null,
  -- the public key that reaches the customer, and sealed boxes, as JSON
  contact text not null,
  -- null where it was paid elsewhere, by whom delivery need not know
  name_profile text,
  email_profile text,
  company_profile text,
  primary key (tenant, id)
);

create index orders_of_customer on orders (tenant, customer_id);
create index orders_of_organisation on orders (tenant, organisation_id) where organisation_id is not null;

create table lines (
  tenant text not null,
  id uuid not null,
  order_id uuid not null,
  sku text not null,
  name text not null,
  link_validity_days integer not null,
  download_limit integer not null,
  -- the earliest that is known, releases included while it waits
  not_before timestamptz not null,
  -- paid, but its time or its files have not come
  waiting boolean not null default false,
  primary key (tenant, id)
);

create index lines_of_order on lines (tenant, order_id);
create index lines_waiting on lines (tenant, sku, not_before) where waiting;

create table units (
  tenant text not null,
  line_id uuid not null,
  id uuid not null,
  primary key (tenant, line_id, id)
);

create table refunded_units (
  tenant text not null,
  unit_id uuid not null,
  primary key (tenant, unit_id)
);

-- the earliest moment wins
create table releases (
  tenant text not null,
  line_id uuid not null,
  deliver_from timestamptz not null,
  primary key (tenant, line_id)
);

-- while one of them is not won, the order's links are suspended
create table disputes (
  tenant text not null,
  order_id uuid not null,
  id uuid not null,
  won boolean not null,
  primary key (tenant, order_id, id)
);

-- the units that a claim keeps suspended, by the fact with the highest revision
create table claims (
  tenant text not null,
  order_id uuid not null,
  id uuid not null,
  revision integer not null,
  unit_ids uuid[] not null,
  primary key (tenant, order_id, id)
);

-- who has read a grant or a session without locking it writes only if its version is still the same
create table grants (
  tenant text not null,
  id uuid not null,
  order_id uuid not null,
  line_id uuid not null,
  sku text not null,
  unit_ids uuid[] not null,
  -- SHA-256 of the link's secret; the secret itself is sealed to the customer and cannot be opened here
  token_hash bytea not null,
  sealed_token text not null,
  link_number integer not null default 1,
  granted_at timestamptz not null,
  valid_until timestamptz not null,
  download_limit integer not null,
  revoked_at timestamptz,
  reason text,
  version bigint not null default 0,
  primary key (tenant, id),
  unique (tenant, line_id),
  unique (token_hash, tenant)
);

create index grants_of_order on grants (tenant, order_id);
create index grants_of_article on grants (tenant, sku, valid_until);

-- one download with all its resumes; it holds one of the count while it is complete, young or running, and what others
-- were served counts once it is more than the file. What one has begun with, it stays with: it is evidence
create table sessions (
  tenant text not null,
  id uuid not null,
  grant_id uuid not null,
  file_id uuid not null,
  -- null when the file was replaced after this had begun: the address stands for another download then
  secret_hash bytea,
  link_number integer not null,
  file_name text not null,
  file_version text not null,
  sha256 text not null,
  size bigint not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  started_at timestamptz,
  last_byte_at timestamptz,
  completed_at timestamptz,
  -- what it proves that bytes have arrived: the least that one of its connections does
  proof text check (proof in ('acknowledged', 'proxy')),
  requests integer not null default 0,
  aborts integer not null default 0,
  -- first and end of each stretch, one after the other
  arrived bigint[] not null default '{}',
  doubtful bigint[] not null default '{}',
  bytes_arrived bigint not null default 0,
  -- bytes that its readers' kernels acknowledged, each as often as it was sent
  served bigint not null default 0,
  version bigint not null default 0,
  primary key (tenant, id),
  unique (secret_hash, tenant)
);

create index sessions_of_grant on sessions (tenant, grant_id, file_id);
create index sessions_completed on sessions (tenant, completed_at desc, id desc) where completed_at is not null;
create index sessions_attempted on sessions (tenant, started_at desc, id desc)
  where completed_at is null and started_at is not null;

-- the connections that are open now; seen_at is real time, and one that is no longer seen belongs to a dead process
create table transfers (
  tenant text not null,
  session_id uuid not null,
  id uuid not null,
  process_id uuid not null,
  first_byte bigint not null,
  end_byte bigint not null,
  arrived_to bigint not null,
  seen_at timestamptz not null default clock_timestamp(),
  primary key (tenant, session_id, id)
) with (fillfactor = 50);

-- of the whole installation: files left by torn uploads belong to no tenant yet
create table chores (
  name text not null,
  done_at timestamptz not null,
  primary key (name)
);
