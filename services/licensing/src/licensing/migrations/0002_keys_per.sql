-- unit: a unit has a key of its own; purchase: all units of its line share one (LIC-4). Of those that share a key the first
-- has the fingerprint and the box, the others only name the same licence.
alter table units add column keys_per text not null default 'unit';

-- the line that shares one serial, null where each unit needs its own
alter table reservations add column line uuid;
