-- what a tenant has done about messages, in versions; without any the usual one holds
create table policies (
  tenant text not null,
  version integer not null,
  valid_from timestamptz not null,
  published_at timestamptz not null,
  urgency text,
  document jsonb not null,
  -- once all who had written by then are told
  announced_at timestamptz,
  primary key (tenant, version)
);

create index policies_in_force on policies (tenant, valid_from, version);
create index policies_to_announce on policies (published_at) where announced_at is null;

-- who is told of a version: a seller, or a customer's id
create table announcements (
  tenant text not null,
  version integer not null,
  side text not null,
  party text not null,
  primary key (tenant, version, side, party),
  foreign key (tenant, version) references policies (tenant, version)
);

-- what a version had done about a message; of what was found in it only the kind
create table judgements (
  tenant text not null,
  message_id uuid not null,
  version integer not null,
  action text not null,
  kind text not null,
  rule text not null,
  judged_at timestamptz not null,
  appealed_at timestamptz,
  -- by a reviewer: whether it was passed on after all, and why not
  released boolean,
  reason text,
  decided_at timestamptz,
  primary key (tenant, message_id),
  foreign key (tenant, message_id) references messages (tenant, id) on delete cascade
);

create index judgements_open on judgements (tenant, message_id)
where decided_at is null and (action = 'hold' or appealed_at is not null);

-- buyers who want no messages of a seller without having asked
create table optouts (
  tenant text not null,
  customer_id uuid not null,
  seller text not null,
  opted_out_at timestamptz not null,
  primary key (tenant, customer_id, seller)
);

-- what reached them, or who had not asked, all the same, for its subject said that it was critical
create table criticals (
  tenant text not null,
  message_id uuid not null,
  conversation_id uuid not null,
  seller text not null,
  -- the buyer says that it was not
  misused_at timestamptz,
  primary key (tenant, message_id),
  foreign key (tenant, message_id) references messages (tenant, id) on delete cascade
);

create index criticals_of_conversation on criticals (tenant, conversation_id) where misused_at is null;
create index criticals_misused on criticals (tenant, seller, misused_at) where misused_at is not null;
