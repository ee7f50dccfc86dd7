-- sign-ins in which the password was right and a code is missing: for minutes, in one browser, with few tries;
-- they end with the second factor and with the password that they are about
create table second_steps (
  tenant text not null,
  -- of what the browser sends back, and of the cookie by which it is known
  hash bytea not null,
  browser_hash bytea not null,
  client_id text not null,
  subject_id uuid not null,
  -- of the password's hash, as it was then
  password_digest bytea not null,
  -- where they chose another password: its hash, which counts with the code
  new_password_hash text,
  refusals int not null default 0,
  expires_at timestamptz not null,
  primary key (tenant, hash),
  foreign key (tenant, subject_id) references second_factors on delete cascade
);

create index second_steps_subject on second_steps (tenant, subject_id);
create index second_steps_expiry on second_steps (expires_at);
