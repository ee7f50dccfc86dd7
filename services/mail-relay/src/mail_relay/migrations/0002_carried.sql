-- a key of a purchase covers several units, and more when more are paid (LIC-4); `unit` is the first
alter table license_keys add column units uuid[] not null default '{}';

-- which e-mail carries a link or key to a unit (0: history before EFFECTS_SINCE): the units of one may be told by several
-- e-mails. part is a link's digest or a licence. Programs from before this know emailed_in of the link or key alone.
create table carried (
  tenant text not null,
  order_id uuid not null,
  part bytea not null,
  unit uuid not null,
  emailed_in integer not null,
  primary key (tenant, order_id, part, unit)
);

insert into carried (tenant, order_id, part, unit, emailed_in)
select distinct tenant, order_id, digest, covered.unit, emailed_in
from links
cross join unnest(units) as covered (unit)
where emailed_in is not null;

insert into carried (tenant, order_id, part, unit, emailed_in)
select tenant, order_id, uuid_send(license), unit, emailed_in
from license_keys
where emailed_in is not null;
