-- whether a card may have been saved by this payment, which is assumed of payments of which nothing better is known
alter table payments add column saves_card boolean not null default true;

-- how often the provider was to give up what a customer saved there, and up to which time it has
alter table customers add column give_ups_asked bigint not null default 0;
alter table customers add column give_ups_done bigint not null default 0;
alter table customers add column give_up_claimed_until timestamptz;
alter table customers add column give_up_traceparent text;

-- who had chosen before that a choice led to this
update customers
set give_ups_asked = 1
where not keep_data
  and provider_customer is not null
  and forget_since is null;

create index customers_to_give_up on customers (tenant, customer) where give_ups_asked > give_ups_done;
