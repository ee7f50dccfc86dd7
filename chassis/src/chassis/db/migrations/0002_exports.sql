-- what somebody has asked for of all that is known of them: the share of this service, taken and published once
create table chassis.exports (
  tenant text not null,
  id uuid not null,
  -- the event that asks for it
  request jsonb not null,
  expires_at timestamptz not null,
  -- real time, whatever the service's clock says
  leased_until timestamptz,
  attempts integer not null default 0,
  answered_at timestamptz,
  traceparent text,
  primary key (tenant, id)
);

create index exports_to_answer on chassis.exports (id) where answered_at is null;
create index exports_old on chassis.exports (expires_at);
