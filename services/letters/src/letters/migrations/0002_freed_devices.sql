-- devices of keys that were freed, until what is known of their order says to whom that is written
create table freed_devices (
  tenant text not null,
  order_id uuid not null,
  id uuid not null,
  license_id uuid not null,
  line_id uuid not null,
  freed_by text not null,
  freed_at timestamptz not null,
  -- what the program calls it, sealed
  device text,
  primary key (tenant, order_id, id)
);
