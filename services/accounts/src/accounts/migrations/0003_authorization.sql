-- shops whose customers sign in here, as storefront has published them; a closed one keeps its number alone
create table clients (
  -- the shop's id, of which an installation has one
  id text primary key,
  tenant text not null,
  sequence bigint not null,
  is_open boolean not null,
  hosts text[] not null,
  -- name, colour and texts, as the pages show them
  brand jsonb not null
);

-- codes that were given to a browser for a client to trade: hashes alone, each counts once and for a minute
create table authorization_codes (
  hash bytea primary key,
  tenant text not null,
  client_id text not null,
  redirect_uri text not null,
  -- the hash of what the client alone knows (RFC 7636)
  challenge text not null,
  subject_id uuid not null,
  -- how its owner signed in (RFC 8176), and when
  methods text[] not null,
  -- and with what: passed on to the session
  browser text,
  system text,
  given_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  -- what was made of it, and ends where it comes again
  session_id uuid,
  foreign key (tenant, subject_id) references logins on delete cascade
);

create index authorization_codes_subject on authorization_codes (tenant, subject_id);
create index authorization_codes_given on authorization_codes (given_at);

-- the client that a session is of; none where somebody has signed in by JSON, for these services alone if they said so
alter table sessions add column client_id text;
alter table sessions add column audience text[];
