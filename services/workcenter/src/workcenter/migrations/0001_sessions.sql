-- id: a hash of the visitor's cookie; sealed: the tokens of accounts, which nobody without that cookie can open
create table sessions (
  id bytea primary key,
  sealed bytea not null,
  expires_at timestamptz not null,
  -- while a request trades the refresh token, others wait
  renewing_until timestamptz
);

create index sessions_to_expire on sessions (expires_at);
