-- a key's devices are listed by pages, the oldest first; of those that have ended the last are kept
create index activations_listed on activations (tenant, order_id, license_id, activated_at, id) where ended_at is null;
create index activations_ended on activations (tenant, order_id, license_id, ended_at desc, id) where ended_at is not null;
