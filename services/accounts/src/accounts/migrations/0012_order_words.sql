-- the blind index of the words of companies and names on orders; it goes with the customer's profile
create table order_words (
  tenant text not null,
  word_hmac bytea not null,
  order_id uuid not null,
  customer_id uuid not null,
  primary key (tenant, word_hmac, order_id)
);

create index order_words_customer on order_words (tenant, customer_id);
