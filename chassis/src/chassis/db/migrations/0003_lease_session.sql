-- the database session of the lease's holder: when it is gone, so is the holder, and nobody need wait for the lease to end
alter table chassis.lease add column session integer;
