create table customers (
  tenant text not null,
  id uuid not null,
  keep_data boolean not null default false,
  -- which of the customer's choices is the latest known; accounts numbers its events
  choice_sequence bigint not null default -1,
  provider_customer_id text,
  -- since then the provider may know the customer, though its id of the customer may not have arrived here
  provider_asked_at timestamptz,
  deletion_requested_at timestamptz,
  deletion_claimed_until timestamptz,
  deleted_at timestamptz,
  deletion_traceparent text,
  -- the destroyed profile key, confirmed once the provider has deleted the customer
  profile_key_id uuid,
  confirmed_at timestamptz,
  -- how often the provider was to remove the saved cards, and up to which request it has
  card_removals_requested bigint not null default 0,
  card_removals_done bigint not null default 0,
  card_removal_claimed_until timestamptz,
  card_removal_traceparent text,
  primary key (tenant, id)
);

create index customers_to_delete on customers (deletion_requested_at)
where deletion_requested_at is not null and deleted_at is null;
create index customers_with_cards_to_remove on customers (tenant, id)
where card_removals_requested > card_removals_done;

create table payments (
  tenant text not null,
  id uuid not null,
  order_id uuid not null,
  amount bigint not null,
  currency text not null,
  opened_at timestamptz not null,
  session_id text,
  url text,
  intent_id text,
  -- whether a card may have been saved by it, which is assumed of payments of which nothing better is known
  saves_card boolean not null default true,
  authorized_at timestamptz,
  declined_at timestamptz,
  failed_at timestamptz,
  expired_at timestamptz,
  captured_at timestamptz,
  captured_amount bigint,
  captured_currency text,
  -- when PaymentCaptured was published
  published_at timestamptz,
  inquire_at timestamptz,
  inquiries integer not null default 0,
  claimed_until timestamptz,
  primary key (tenant, id),
  unique (tenant, session_id),
  unique (tenant, intent_id)
);

create index payments_of_order on payments (tenant, order_id);
create index payments_of_intent on payments (intent_id);
create index payments_of_session on payments (session_id);
-- bookkeeping looks through what came in by day
create index payments_captured on payments (tenant, captured_at) where captured_at is not null;
create index payments_to_inquire_about on payments (inquire_at) where inquire_at is not null;

-- what the provider has sent, once each; tenant is empty where it sent nothing by which to know it; the content stays
-- until the payment that it is about is known
create table notices (
  tenant text not null,
  id text not null,
  kind text not null,
  order_id uuid,
  intent_id text,
  content jsonb,
  received_at timestamptz not null,
  primary key (tenant, id)
);

create index notices_of_order on notices (tenant, order_id) where content is not null;
create index notices_of_intent on notices (intent_id) where content is not null;
create index notices_old on notices (received_at);
