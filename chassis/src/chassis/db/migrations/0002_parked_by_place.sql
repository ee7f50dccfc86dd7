-- what the inbox cannot tell apart (no id, or a taken one) is known by its place in the log; all else by the inbox alone,
-- for a topic that was made anew uses the same places again
alter table chassis.parked drop constraint parked_topic_partition_log_offset_key;
alter table chassis.parked add column unnamed boolean not null default false;
create unique index parked_unnamed on chassis.parked (topic, partition, log_offset) where unnamed;
