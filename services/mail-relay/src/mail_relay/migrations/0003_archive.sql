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
  foreign key (tenant, conversation_id) references conversations (tenant, id)
);

create index proofs_about on proofs (tenant, about);

