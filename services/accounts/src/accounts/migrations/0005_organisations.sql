-- companies and others for which several customers buy; name and VAT id are sealed to a key of its own, which is
-- destroyed with it: a subject's key of the kind organisation
create table organisations (
  tenant text not null,
  id uuid not null,
  name text not null,
  vat_id text,
  opened_at timestamptz not null,
  primary key (tenant, id)
);

create table organisation_members (
  tenant text not null,
  organisation_id uuid not null,
  customer_id uuid not null,
  role text not null check (role in ('owner', 'buyer', 'auditor')),
  joined_at timestamptz not null,
  primary key (tenant, organisation_id, customer_id),
  foreign key (tenant, organisation_id) references organisations (tenant, id) on delete cascade
);

create index organisation_members_customer on organisation_members (tenant, customer_id);

-- invitations to addresses, known by their blind index; the address itself is sealed to the organisation's key
create table organisation_invitations (
  tenant text not null,
  id uuid not null,
  organisation_id uuid not null,
  email_hmac bytea not null,
  email text not null,
  role text not null check (role in ('owner', 'buyer', 'auditor')),
  invited_by uuid not null,
  invited_at timestamptz not null,
  expires_at timestamptz not null,
  -- of the code that was mailed, and when; null while nobody has confirmed the address
  code_hash bytea,
  mailed_at timestamptz,
  -- when it was accepted or withdrawn; until it expires it counts among the letters to its address
  ended_at timestamptz,
  primary key (tenant, id),
  unique (tenant, code_hash),
  foreign key (tenant, organisation_id) references organisations (tenant, id) on delete cascade
);

create index organisation_invitations_of on organisation_invitations (tenant, organisation_id, invited_at);
create index organisation_invitations_by on organisation_invitations (tenant, invited_by, invited_at);
create index organisation_invitations_email on organisation_invitations (tenant, email_hmac);
create index organisation_invitations_expiry on organisation_invitations (expires_at);

-- for which organisation a session acts; none where its owner acts for themself
alter table sessions add column organisation_id uuid;
