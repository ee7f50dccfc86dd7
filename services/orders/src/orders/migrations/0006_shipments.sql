-- boxes that were posted together: who carries them, and the number by which they are found, sealed to the contact key
create table shipments (
  tenant text not null,
  id uuid not null,
  order_id uuid not null,
  unit_ids uuid[] not null,
  carrier text,
  tracking text,
  shipped_at timestamptz not null,
  primary key (tenant, id)
);

create index shipments_of_order on shipments (tenant, order_id, shipped_at);
