-- on how many devices a unit's key may be active (LIC-5); null: on any number
alter table settings add column devices integer;
