-- unit: each sold unit has a key of its own; purchase: all units of an order's line share one (LIC-4)
alter table variants add column keys_per text not null default 'unit';
