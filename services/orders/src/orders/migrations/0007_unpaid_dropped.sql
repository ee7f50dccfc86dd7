-- in a transaction of its own: together with the index that takes its place it could lock out those who read meanwhile
drop index orders_unpaid;
