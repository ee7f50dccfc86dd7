-- what happened to a conversation beside its messages: one chain, of which nothing is changed
create table proofs (
  tenant text not null,
  conversation_id uuid not null,
  -- the place in the chain, from 1 without a gap
  number integer not null,
  at timestamptz not null,
  fact text not null,
  about uuid not null,
  -- as they were hashed
  details text not null,
  digest bytea not null,
  primary key (tenant, conversation_id, number),
  foreign key (tenant, conversation_id) references conversations (tenant, id) on delete cascade
);

create index proofs_about on proofs (tenant, about);


-- how far both chains of a conversation were, signed; they outlive the conversation
create table checkpoints (
  tenant text not null,
  conversation_id uuid not null,
  messages integer not null,
  head bytea,
  proofs integer not null,
  proofs_head bytea,
  made_at timestamptz not null,
  key_id text not null,
  signature bytea not null,
  primary key (tenant, conversation_id, messages, proofs)
);

create function refuse_to_change_checkpoints() returns trigger language plpgsql as $$
begin
  raise exception 'checkpoints are only added' using errcode = 'insufficient_privilege';
end
$$;

create trigger checkpoints_are_only_added before update or delete or truncate on checkpoints
for each statement execute function refuse_to_change_checkpoints();

-- what one reviewer asks for and another one releases
create table exports (
  tenant text not null,
  id uuid not null,
  conversation_id uuid not null,
  form text not null,
  language text not null,
  why text not null,
  asked_by text not null,
  asked_at timestamptz not null,
  released_by text,
  released_at timestamptz,
  fetched_at timestamptz,
  primary key (tenant, id),
  foreign key (tenant, conversation_id) references conversations (tenant, id) on delete cascade,
  check (released_by <> asked_by)
);

-- while there is one, nothing of a conversation is removed or made unreadable for reviewers; a claim's has its id
create table legal_holds (
  tenant text not null,
  id uuid not null,
  conversation_id uuid not null,
  ground text not null,
  placed_at timestamptz not null,
  released_at timestamptz,
  primary key (tenant, id),
  foreign key (tenant, conversation_id) references conversations (tenant, id) on delete cascade
);

create index legal_holds_of_conversation on legal_holds (tenant, conversation_id) where released_at is null;

-- contents of which no message and no refusal is known, to be removed from the store
create table orphans (
  id uuid primary key,
  -- real time, whatever the service's clock says
  leased_until timestamptz
);

-- conversations of which nothing is kept any more but their checkpoints
create table removed_conversations (
  tenant text not null,
  id uuid not null,
  messages integer not null,
  proofs integer not null,
  removed_at timestamptz not null,
  primary key (tenant, id)
);

create index conversations_by_age on conversations (opened_at);
create index first_contacts on conversations (tenant, id) where order_id is null;
create index messages_stored on messages (received_at) where removed_at is null;
create index messages_unreadable on messages (tenant, id)
where removed_at is null and contact_key_box is null and records_key_box is null;
create index refusals_stored on refusals (refused_at) where removed_at is null;
