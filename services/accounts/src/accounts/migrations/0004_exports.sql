-- all that is known of a customer, as they have asked for it; its key is a subject's key of the kind export
create table exports (
  tenant text not null,
  id uuid not null,
  customer_id uuid not null,
  language text not null,
  requested_at timestamptz not null,
  expires_at timestamptz not null,
  -- besides accounts itself
  expected_services text[] not null,
  -- when its parts and its key were removed
  removed_at timestamptz,
  primary key (tenant, id)
);

create index exports_of_customer on exports (tenant, customer_id, requested_at desc, id desc);
create index exports_to_remove on exports (expires_at);

-- what has arrived, sealed to the key of the export; a service that was restored may have sent another share
create table export_parts (
  tenant text not null,
  export_id uuid not null,
  service text not null,
  share_id uuid not null,
  part integer not null,
  parts integer not null check (part between 1 and parts),
  box text not null,
  arrived_at timestamptz not null,
  primary key (tenant, export_id, service, share_id, part),
  foreign key (tenant, export_id) references exports (tenant, id) on delete cascade
);
