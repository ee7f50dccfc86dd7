-- how many working days the boxes of an article take to arrive: {"least": 2, "most": 4}; null: nobody has named them
alter table offers add column delivery_days jsonb;
