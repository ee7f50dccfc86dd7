-- under which brand the page of a link is shown: that of the first shop of the order's channel that is open
create table shops (
  tenant text not null,
  id text not null,
  channel text not null,
  -- null while it is closed
  name text,
  color text,
  host text,
  opened_at timestamptz not null,
  sequence bigint not null,
  primary key (tenant, id)
);

create index shops_of_channel on shops (tenant, channel);
