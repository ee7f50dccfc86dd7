-- where an order's boxes go, sealed to the customer's contact key; null: it has none, or was placed before they were named
alter table orders add column shipping_box text;
