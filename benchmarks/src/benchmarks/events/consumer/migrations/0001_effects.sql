create table effects (
  tenant text not null,
  order_id uuid not null,
  gross bigint not null,
  primary key (tenant, order_id)
);
