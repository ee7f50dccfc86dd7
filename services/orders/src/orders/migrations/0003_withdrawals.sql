-- what consumers have declared to withdraw from (BGB 356a): the wording is fixed, so that who, what and when are all
create table withdrawals (
  tenant text not null,
  id uuid not null,
  channel text not null,
  seller text not null,
  -- as it was typed
  number text not null,
  language text not null,
  declared_at timestamptz not null,
  -- of a customer who has signed in the order's own; else sealed to the seller's records
  name_box text not null,
  email_box text not null,
  -- received: to be compared with the order; unmatched: fits none, staff looks; decided: what follows is in lines
  state text not null check (state in ('received', 'unmatched', 'decided')),
  -- null where it fits none
  order_id uuid,
  lines jsonb not null default '[]',
  -- real time, whatever the service's clock says
  leased_until timestamptz,
  primary key (tenant, id)
);

create index withdrawals_of_order on withdrawals (tenant, order_id);
create index withdrawals_newest on withdrawals (tenant, declared_at desc, id desc);
create index withdrawals_received on withdrawals (declared_at) where state = 'received';
