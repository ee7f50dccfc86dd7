-- on how many devices a unit's key may be active, as its article had it when it was issued (LIC-5); null: on any number
alter table stocks add column devices integer;
alter table units add column devices integer;

-- devices on which a key is active, or was
create table activations (
  tenant text not null,
  id uuid not null,
  order_id uuid not null,
  license_id uuid not null,
  -- a keyed fingerprint of what the program calls the device
  device bytea not null,
  -- what people call it, sealed to the customer's contact
  name text,
  activated_at timestamptz not null,
  -- of late: what is asked often is not written often
  seen_at timestamptz not null,
  ended_at timestamptz,
  -- program, customer, staff
  ended_by text,
  primary key (tenant, id)
);

-- one device, one activation of a key
create unique index activations_active on activations (tenant, order_id, license_id, device) where ended_at is null;
