-- which event an offer comes from: an SKU may move between products, whose events arrive in any order
alter table offers add column sequence bigint not null default 0;
