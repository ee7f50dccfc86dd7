-- what is stored, by its hash; damaged_at is set when it was found changed, and nothing is served until it is verified
create table contents (
  tenant text not null,
  sha256 text not null,
  size bigint not null,
  etag text not null,
  stored_at timestamptz not null,
  verified_at timestamptz not null,
  damaged_at timestamptz,
  primary key (tenant, sha256)
);

-- locked before the files of an article change, so that what is said of them is in order
create table articles (
  tenant text not null,
  sku text not null,
  primary key (tenant, sku)
);

create table files (
  tenant text not null,
  file uuid not null,
  sku text not null,
  name text not null,
  version text not null,
  media_type text not null,
  size bigint not null,
  sha256 text not null,
  released_at timestamptz not null,
  released_by text not null,
  primary key (tenant, file),
  unique (tenant, sku, name)
);

-- everything but the ids is null until the payment is heard: a refund may come first
create table orders (
  tenant text not null,
  order_id uuid not null,
  channel text,
  market text,
  seller text,
  order_number text,
  ordered_at timestamptz,
  customer uuid,
  language text,
  contact_key uuid,
  contact_public bytea,
  name_profile text,
  email_profile text,
  company_profile text,
  primary key (tenant, order_id)
);

create index orders_of_customer on orders (tenant, customer);

create table lines (
  tenant text not null,
  order_id uuid not null,
  line uuid not null,
  sku text not null,
  name text not null,
  link_validity_days integer not null,
  download_limit integer not null,
  not_before timestamptz not null,
  -- paid, but its time or its files have not come
  waiting boolean not null default false,
  primary key (tenant, line)
);

create index lines_of_order on lines (tenant, order_id);
create index lines_waiting on lines (not_before) where waiting;

create table units (
  tenant text not null,
  order_id uuid not null,
  unit uuid not null,
  line uuid not null,
  paid boolean not null default false,
  refunded boolean not null default false,
  primary key (tenant, order_id, unit)
);

create index units_of_line on units (tenant, line);

-- a later consent may be heard before the payment; the earliest moment wins
create table releases (
  tenant text not null,
  line uuid not null,
  deliver_from timestamptz not null,
  primary key (tenant, line)
);

create table grants (
  tenant text not null,
  grant_id uuid not null,
  order_id uuid not null,
  line uuid not null,
  sku text not null,
  units uuid[] not null,
  -- SHA-256 of the link's secret; the secret itself is sealed to the customer and cannot be opened here
  token_hash bytea not null,
  token text not null,
  link_number integer not null default 1,
  granted_at timestamptz not null,
  valid_until timestamptz not null,
  download_limit integer not null,
  revoked_at timestamptz,
  reason text,
  primary key (tenant, grant_id),
  unique (tenant, line),
  unique (token_hash, tenant)
);

create index grants_of_order on grants (tenant, order_id);

-- one download with all its resumes; it holds one of the count while it is complete, young or running
create table sessions (
  tenant text not null,
  session uuid not null,
  grant_id uuid not null,
  file uuid not null,
  secret_hash bytea not null,
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
  requests integer not null default 0,
  aborts integer not null default 0,
  -- first and end of each stretch, one after the other
  arrived bigint[] not null default '{}',
  doubtful bigint[] not null default '{}',
  bytes_arrived bigint not null default 0,
  -- sent after it was complete: what a reader lost after its kernel had it
  repeated bigint not null default 0,
  primary key (tenant, session),
  unique (secret_hash, tenant)
);

create index sessions_of_grant on sessions (tenant, grant_id, file);
create index sessions_completed on sessions (tenant, completed_at desc, session desc) where completed_at is not null;
create index sessions_attempted on sessions (tenant, started_at desc, session desc)
  where completed_at is null and started_at is not null;

-- the connections that are open now; seen_at is real time, and one that is no longer seen belongs to a dead process
create table transfers (
  tenant text not null,
  session uuid not null,
  transfer uuid not null,
  process uuid not null,
  first_byte bigint not null,
  end_byte bigint not null,
  arrived_to bigint not null,
  sha256 text not null,
  seen_at timestamptz not null default clock_timestamp(),
  primary key (tenant, session, transfer)
) with (fillfactor = 50);

-- of the whole installation: files left by torn uploads belong to no tenant yet
create table chores (
  name text not null,
  done_at timestamptz not null,
  primary key (name)
);
