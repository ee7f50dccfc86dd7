-- who may sign in: customers and staff, found by the blind index of the e-mail address
create table logins (
  tenant text not null,
  -- the id of a customer or a member of staff
  subject_id uuid not null,
  email_hmac bytea not null,
  -- null until one who was invited has chosen a password
  password_hash text,
  roles text[] not null,
  -- since when it is known that who signs in reads letters to the address; until then others may register with it, too
  confirmed_at timestamptz,
  primary key (tenant, subject_id)
);

create index logins_email on logins (tenant, email_hmac);
create unique index logins_confirmed on logins (tenant, email_hmac) where confirmed_at is not null;

-- keyed hashes of codes that were mailed to the address with which somebody has registered
create table confirmations (
  tenant text not null,
  customer_id uuid not null,
  code_hash bytea not null,
  asked_at timestamptz not null,
  expires_at timestamptz not null,
  -- how often another code was entered; after some it counts no more
  refusals int not null default 0,
  primary key (tenant, customer_id, code_hash),
  foreign key (tenant, customer_id) references logins (tenant, subject_id) on delete cascade
);
create index confirmations_expiry on confirmations (expires_at);

-- accounts opened, and addresses asked for, within a day, by blind indexes: of the mailbox, which may have several
-- addresses, and the network
create table registrations (
  tenant text not null,
  id uuid not null,
  customer_id uuid not null,
  mailbox_hmac bytea not null,
  network_hmac bytea not null,
  registered_at timestamptz not null,
  primary key (tenant, id)
);

create index registrations_customer on registrations (tenant, customer_id);

create index registrations_mailbox on registrations (tenant, mailbox_hmac, registered_at);
create index registrations_network on registrations (tenant, network_hmac, registered_at);
create index registrations_time on registrations (registered_at);

-- addresses that wait for their reader, and that of the former one, one a customer; both boxes as in customers
create table email_changes (
  tenant text not null,
  customer_id uuid not null,
  email_hmac bytea not null,
  email_profile text not null,
  email_contact text not null,
  -- of the code that was mailed to the new address, and of that which was mailed to the former one
  code_hash bytea not null,
  former_hash bytea not null,
  asked_at timestamptz not null,
  -- when it is given up, unless it was confirmed before
  expires_at timestamptz not null,
  confirmed_at timestamptz,
  consented_at timestamptz,
  -- when it takes effect without the consent of the former address
  due_at timestamptz,
  primary key (tenant, customer_id),
  foreign key (tenant, customer_id) references logins (tenant, subject_id) on delete cascade
);
create index email_changes_expiry on email_changes (expires_at) where confirmed_at is null;
create index email_changes_due on email_changes (due_at) where due_at is not null;
create unique index email_changes_former on email_changes (tenant, former_hash);

-- hashes of invitations to choose a password: one for staff, of customers who have forgotten theirs each that was mailed
create table invitations (
  tenant text not null,
  subject_id uuid not null,
  hash bytea not null,
  expires_at timestamptz not null,
  primary key (tenant, hash),
  foreign key (tenant, subject_id) references logins on delete cascade
);

create index invitations_subject on invitations (tenant, subject_id);

-- attempts to sign in that have not succeeded, by blind indexes of e-mail address and network
create table attempts (
  tenant text not null,
  id uuid not null,
  email_hmac bytea not null,
  network_hmac bytea not null,
  outcome text not null check (outcome in ('open', 'refused', 'code refused', 'throttled')),
  attempted_at timestamptz not null,
  primary key (tenant, id)
);

create index attempts_email on attempts (tenant, email_hmac, attempted_at);
create index attempts_network on attempts (tenant, network_hmac, attempted_at);
create index attempts_time on attempts (attempted_at);

-- networks from which somebody has signed in, by blind index; deleted with the login
create table known_networks (
  tenant text not null,
  subject_id uuid not null,
  network_hmac bytea not null,
  used_at timestamptz not null,
  primary key (tenant, subject_id, network_hmac),
  foreign key (tenant, subject_id) references logins on delete cascade
);

create index known_networks_use on known_networks (used_at);

-- a session is a family of refresh tokens; each token is used once, the hash alone is kept
create table sessions (
  tenant text not null,
  id uuid not null,
  subject_id uuid not null,
  -- how its owner signed in (RFC 8176)
  methods text[] not null,
  began_at timestamptz not null,
  -- when its owner last signed in, or proved once more who they are (RFC 9470)
  authenticated_at timestamptz not null,
  -- when its latest refresh token was given
  used_at timestamptz not null,
  ended_at timestamptz,
  end_reason text,
  expires_at timestamptz not null,
  -- what its owner signed in with, in words of ours; null where we have none for it
  browser text,
  system text,
  primary key (tenant, id)
);

create index sessions_subject on sessions (tenant, subject_id);
create index sessions_expiry on sessions (expires_at);

create table refresh_tokens (
  tenant text not null,
  hash bytea not null,
  session_id uuid not null,
  used_at timestamptz,
  primary key (tenant, hash),
  foreign key (tenant, session_id) references sessions on delete cascade
);

create index refresh_tokens_session on refresh_tokens (tenant, session_id);

-- one-time passwords by time (RFC 6238); deleted with the login
create table second_factors (
  tenant text not null,
  subject_id uuid not null,
  -- the shared secret, wrapped by the master key under the id beside it
  id uuid not null,
  wrapped_secret bytea not null,
  begun_at timestamptz not null,
  -- null until a first code has shown that the secret has arrived
  confirmed_at timestamptz,
  -- the latest time step of which a code has counted; steps are real time, for people's devices show that
  last_step bigint,
  primary key (tenant, subject_id),
  foreign key (tenant, subject_id) references logins on delete cascade
);

-- blind indexes of recovery codes that have not been used
create table recovery_codes (
  tenant text not null,
  subject_id uuid not null,
  code_hmac bytea not null,
  primary key (tenant, subject_id, code_hmac),
  foreign key (tenant, subject_id) references second_factors on delete cascade
);

-- what has become of somebody's second factor and passkeys
create table factor_history (
  tenant text not null,
  id uuid not null,
  subject_id uuid not null,
  event text not null,
  occurred_at timestamptz not null,
  primary key (tenant, id),
  foreign key (tenant, subject_id) references logins on delete cascade
);

create index factor_history_subject on factor_history (tenant, subject_id, occurred_at);

-- passkeys (WebAuthn): public keys only; deleted with the login
create table passkeys (
  tenant text not null,
  id uuid not null,
  subject_id uuid not null,
  -- as the device names it
  credential_id bytea not null,
  public_key bytea not null,
  -- how often the device says it was used; 0 where it does not count
  sign_count bigint not null,
  -- whether it may be copied to other devices of its owner
  synced boolean not null,
  -- what its owner calls it, sealed
  name text not null,
  added_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant, id),
  unique (tenant, credential_id),
  foreign key (tenant, subject_id) references logins on delete cascade
);

create index passkeys_subject on passkeys (tenant, subject_id);

-- hashes of challenges that nobody has answered yet; without a subject it is for signing in
create table passkey_challenges (
  tenant text not null,
  hash bytea not null,
  subject_id uuid,
  expires_at timestamptz not null,
  primary key (tenant, hash),
  foreign key (tenant, subject_id) references logins on delete cascade
);

create index passkey_challenges_subject on passkey_challenges (tenant, subject_id);
create index passkey_challenges_expiry on passkey_challenges (expires_at);
