-- passkeys (WebAuthn): public halves only; gone with their login, also when that is erased
create table passkeys (
  tenant text not null,
  passkey uuid not null,
  subject uuid not null,
  credential bytea not null,
  public_key bytea not null,
  -- how often the device says it was used; 0 where it does not count
  sign_count bigint not null,
  -- whether it may be copied to other devices of its owner
  synced boolean not null,
  -- what its owner calls it, sealed
  name text not null,
  added_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant, passkey),
  unique (tenant, credential),
  foreign key (tenant, subject) references logins on delete cascade
);

create index passkeys_subject on passkeys (tenant, subject);

-- hashes of challenges that nobody has answered yet; of one who is signed in and registers, or of anybody who signs in
create table passkey_challenges (
  tenant text not null,
  hash bytea not null,
  subject uuid,
  expires_at timestamptz not null,
  primary key (tenant, hash),
  foreign key (tenant, subject) references logins on delete cascade
);

create index passkey_challenges_subject on passkey_challenges (tenant, subject);
create index passkey_challenges_expiry on passkey_challenges (expires_at);
