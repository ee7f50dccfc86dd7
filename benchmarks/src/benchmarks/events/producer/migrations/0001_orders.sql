create table orders (
  tenant text not null,
  id uuid not null,
  primary key (tenant, id)
);
