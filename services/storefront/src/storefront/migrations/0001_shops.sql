-- a shop is a brand at addresses of its own, which sells what a channel of a tenant has
create table shops (
  id text primary key,
  tenant text not null,
  channel text not null,
  state text not null check (state in ('open', 'closed')),
  -- name, tagline, colours, legal texts: as the shop's file has them
  brand jsonb not null
);

create table hosts (
  host text primary key,
  shop_id text not null references shops on delete cascade,
  -- the first is the one by which others lead to the shop
  rank int not null
);

create index hosts_of_shop on hosts (shop_id);

-- id: a hash of the visitor's cookie; sealed: the tokens of accounts, which nobody without that cookie can open
create table sessions (
  id bytea primary key,
  sealed bytea not null,
  expires_at timestamptz not null,
  -- while a request trades the refresh token, others wait
  renewing_until timestamptz
);

create index sessions_to_expire on sessions (expires_at);
