-- which of a customer's choices is the latest known; accounts numbers what it says
alter table customers add column choice_sequence bigint not null default -1;
