-- also of orders that are paid or taken back in part the unpaid rest lapses; such an order waits until it is closed.
-- Writers wait while the table is read once. What the index is for is also found by programs that ask for 'open' alone.
create index orders_unfinished on orders (pay_until)
where state in ('open', 'partly_paid') or (state = 'partly_refunded' and closed_at is null);
