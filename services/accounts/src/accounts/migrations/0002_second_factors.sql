-- how a session's owner signed in (RFC 8176); those that exist began with a password
alter table sessions add column methods text[] not null default '{pwd}';

-- one-time passwords by time (RFC 6238); goes with its login, also when that is erased
create table second_factors (
  tenant text not null,
  subject uuid not null,
  -- the shared secret, wrapped by the master key under the id beside it
  factor uuid not null,
  wrapped bytea not null,
  begun_at timestamptz not null,
  -- null until a first code has shown that the secret has arrived
  confirmed_at timestamptz,
  -- the latest time step of which a code has counted; steps are real time, for people's devices show that
  last_step bigint,
  primary key (tenant, subject),
  foreign key (tenant, subject) references logins on delete cascade
);

-- blind marks of recovery codes that have not been used
create table recovery_codes (
  tenant text not null,
  subject uuid not null,
  mark bytea not null,
  primary key (tenant, subject, mark),
  foreign key (tenant, subject) references second_factors on delete cascade
);

-- what has become of somebody's ways to sign in
create table factor_history (
  tenant text not null,
  entry uuid not null,
  subject uuid not null,
  what text not null,
  at timestamptz not null,
  primary key (tenant, entry),
  foreign key (tenant, subject) references logins on delete cascade
);

create index factor_history_subject on factor_history (tenant, subject, at);
