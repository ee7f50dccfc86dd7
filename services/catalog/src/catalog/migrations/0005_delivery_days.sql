-- how many working days a box takes to arrive, at least and at most: {"least": 2, "most": 4}; null: nobody has named them
alter table settings add column delivery_days jsonb;
