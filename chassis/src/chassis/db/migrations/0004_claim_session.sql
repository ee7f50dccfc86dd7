-- the database session on which a key was claimed: when it is gone, whoever claimed it has died, and may be asked again
alter table chassis.idempotency add column session integer;
