-- what a customer has typed last, to be proposed at the next order: sealed to their profile key, which nobody opens any
-- more once they have chosen to be forgotten; `whom` is the organisation for which they ordered, or the customer
create table last_addresses (
  tenant text not null,
  customer_id uuid not null,
  whom uuid not null,
  address text not null,
  ordered_at timestamptz not null,
  primary key (tenant, customer_id, whom)
);
