-- since when a device is new about which its owner has not been written to yet, for they were just before
alter table known_devices add column waits_since timestamptz;
create index known_devices_waiting on known_devices (waits_since) where waits_since is not null;
