-- what an allocation has taken of which credit, less what was freed of it again
create table allocations (
  tenant text not null,
  allocation uuid not null,
  receipt uuid not null,
  amount bigint not null,
  primary key (tenant, allocation, receipt)
);

-- the first of the units that this money covered until they were cancelled: by them a credit comes to the list again
alter table review add column unit uuid;
alter table review drop constraint review_tenant_reason_payment_receipt_refund_key;
alter table review add constraint review_once
  unique nulls not distinct (tenant, reason, payment, receipt, refund, unit);
