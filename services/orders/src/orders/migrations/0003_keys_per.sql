-- unit: each unit gets a key of its own; purchase: all units of a line share one (LIC-4)
alter table offers add column keys_per text not null default 'unit';
