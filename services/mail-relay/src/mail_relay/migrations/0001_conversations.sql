-- where sellers are reached, and the public keys to which their records of a calendar year are sealed
create table sellers (
  tenant text not null,
  seller text not null,
  legal_name text not null,
  country text not null,
  email text,
  -- when that last changed
  reached_since timestamptz,
  sequence bigint not null,
  primary key (tenant, seller)
);

-- who writes through a seller's aliases beside that address: an address, or @ and a domain; in clear like it, for a
-- seller names them for its business, and each message is compared with them when no key is open (ADR 18)
create table writers (
  tenant text not null,
  seller text not null,
  id uuid not null,
  address text not null,
  added_at timestamptz not null,
  primary key (tenant, seller, id),
  unique (tenant, seller, address)
);

-- addresses at which a seller was reached, or from which somebody wrote for it, and no longer: what was written when they
-- were in use still names them, and its reader is not shown them
create table former_addresses (
  tenant text not null,
  seller text not null,
  address text not null,
  primary key (tenant, seller, address)
);

create table records_keys (
  tenant text not null,
  seller text not null,
  year integer not null,
  key_id uuid not null,
  public_key bytea not null,
  primary key (tenant, seller, year)
);

-- what a buyer and a seller write to each other about an order, or before there is one
create table conversations (
  tenant text not null,
  id uuid not null,
  seller text not null,
  customer_id uuid not null,
  contact_key_id uuid not null,
  contact_public_key bytea not null,
  name_box text,
  email_box text,
  -- when the customer got another address
  readdressed_at timestamptz,
  language text not null,
  order_id uuid,
  order_number text,
  -- what it was about before there was an order
  sku text,
  opened_at timestamptz not null,
  -- of its messages: how many there are, and the digest of the last
  messages integer not null default 0,
  head bytea,
  -- up to which number the customer has read them on a page
  seen integer not null default 0,
  -- the same of its proofs
  proofs integer not null default 0,
  proofs_head bytea,
  -- how many of both the latest checkpoint stands for
  checkpointed integer not null default 0,
  -- when the buyer's contact key was destroyed
  erased_at timestamptz,
  primary key (tenant, id),
  unique (tenant, order_id)
);

create index conversations_of_customer on conversations (tenant, customer_id, seller);
create index conversations_of_contact on conversations (tenant, contact_key_id);
create index conversations_to_checkpoint on conversations (id) where messages + proofs > checkpointed;

-- where a customer is written to since the address was changed, whatever is sealed into an order or a token of before
create table addresses (
  tenant text not null,
  contact_key_id uuid not null,
  email_box text not null,
  sequence bigint not null,
  primary key (tenant, contact_key_id)
);

-- an address that stands for one side of a conversation; the other side writes to it
create table aliases (
  local_part text primary key,
  tenant text not null,
  conversation_id uuid not null,
  side text not null,
  -- the desk of this side: what it writes there goes to the reviewers, not to the other side
  desk boolean not null default false,
  closed_at timestamptz,
  -- by staff, whatever the sides want
  switched_off_at timestamptz,
  unique (tenant, conversation_id, side, desk),
  foreign key (tenant, conversation_id) references conversations (tenant, id) on delete cascade
);

-- a message as it was received, and what became of it; what is in it stands sealed in the store of contents
create table messages (
  tenant text not null,
  id uuid not null,
  conversation_id uuid not null,
  -- the place in the conversation, from 1 without a gap
  number integer not null,
  -- the side that wrote it
  side text not null,
  received_at timestamptz not null,
  size integer not null,
  content_hash bytea not null,
  -- by which it is known where it is handed in again, how often it was, and when last
  fingerprint bytea,
  repeats integer not null default 0,
  repeated_at timestamptz,
  -- of the message before, and of what is said of this one here
  digest bytea not null,
  -- the key of the content, sealed to the buyer's contact, and to the seller's records of the year
  contact_key_box text,
  records_key_box text,
  -- under which id the other side knows it, and under which its writer does, sealed to the buyer's contact
  message_id text not null,
  original_id_box text,
  state text not null default 'waiting',
  send_at timestamptz not null,
  -- real time, whatever the service's clock says
  leased_until timestamptz,
  lost boolean not null default false,
  failures integer not null default 0,
  first_failed_at timestamptz,
  settled_at timestamptz,
  -- the content is not kept any more
  removed_at timestamptz,
  code integer,
  answer text,
  -- when the seller said that it needs no answer
  no_answer_at timestamptz,
  -- of the transaction in which it was received
  traceparent text,
  primary key (tenant, id),
  unique (tenant, conversation_id, number),
  foreign key (tenant, conversation_id) references conversations (tenant, id) on delete cascade
);

-- a bounce names a message, and no tenant
create unique index messages_by_id on messages (id);
create index messages_by_fingerprint on messages (tenant, conversation_id, fingerprint);
create index messages_received on messages (tenant, conversation_id, received_at);
create index messages_to_send on messages (send_at) where state = 'waiting';

-- that the writer of a message is told why it did not arrive
create table reports (
  tenant text not null,
  message_id uuid not null,
  -- enhanced status code (RFC 3463)
  status text not null,
  created_at timestamptz not null,
  send_at timestamptz not null,
  -- real time, whatever the service's clock says
  leased_until timestamptz,
  -- or given up
  sent_at timestamptz,
  traceparent text,
  primary key (tenant, message_id),
  foreign key (tenant, message_id) references messages (tenant, id) on delete cascade
);

create index reports_to_send on reports (send_at) where sent_at is null;

-- the relay's own letters to one side of a conversation
create table notices (
  tenant text not null,
  id uuid not null,
  conversation_id uuid not null,
  -- who is told
  side text not null,
  kind text not null,
  -- what its text names, nothing of it personal
  about jsonb not null,
  -- which it answers, if any
  message_id uuid,
  created_at timestamptz not null,
  send_at timestamptz not null,
  -- real time, whatever the service's clock says
  leased_until timestamptz,
  failures integer not null default 0,
  -- or given up
  sent_at timestamptz,
  code integer,
  answer text,
  traceparent text,
  primary key (tenant, id),
  foreign key (tenant, conversation_id) references conversations (tenant, id) on delete cascade
);

create index notices_to_send on notices (send_at) where sent_at is null;
create index notices_of_conversation on notices (tenant, conversation_id, created_at);

-- what was not taken, by alias and reason
create table refusals (
  tenant text not null,
  id uuid not null,
  conversation_id uuid not null,
  side text not null,
  reason text not null,
  -- or what was announced
  size bigint not null,
  refused_at timestamptz not null,
  -- so many more that day were counted only
  more integer not null default 0,
  -- client, greeting and envelope sender, sealed to the seller's records
  envelope_box text,
  -- of a writer who was certain: of the content, and its key, sealed to the seller's records
  content_hash bytea,
  records_key_box text,
  leased_until timestamptz,
  removed_at timestamptz,
  primary key (tenant, id),
  foreign key (tenant, conversation_id) references conversations (tenant, id) on delete cascade
);

-- a refusal is opened by its id alone
create unique index refusals_by_id on refusals (id);

create index refusals_of_conversation on refusals (tenant, conversation_id, refused_at);
