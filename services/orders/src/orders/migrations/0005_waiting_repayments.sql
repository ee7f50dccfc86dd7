-- what was paid back at the provider is added up by order as long as it is unexplained; the table is small
create index provider_refunds_waiting on provider_refunds (tenant, order_id) where units = '{}';
