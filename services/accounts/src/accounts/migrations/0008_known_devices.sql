-- browsers and programs with which somebody has signed in, by blind index; deleted with the login
create table known_devices (
  tenant text not null,
  subject_id uuid not null,
  device_hmac bytea not null,
  -- words of ours; null where we have none for it
  browser text,
  system text,
  used_at timestamptz not null,
  -- when its owner was last written to because it was new
  written_at timestamptz,
  primary key (tenant, subject_id, device_hmac),
  foreign key (tenant, subject_id) references logins on delete cascade
);

create index known_devices_use on known_devices (used_at);

-- in which language staff is written to, and where they work, as their last invitation had it
alter table staff add column language text not null default 'de', add column page text not null default '';
