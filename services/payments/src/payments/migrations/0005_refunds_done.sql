-- when the money of a refund was back on its way to whoever has paid; null before, and for what was done before this
alter table refunds add column done_at timestamptz;
