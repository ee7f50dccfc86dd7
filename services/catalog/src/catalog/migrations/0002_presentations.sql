-- how lines, families, products and editions are shown; all four are subjects, known by their ids
create table presentations (
  tenant text not null,
  subject uuid not null,
  -- by language: title, summary, description, requirements, hours
  texts jsonb not null default '{}',
  support_contact text not null default '',
  supported_until date,
  secure_until date,
  -- the picture, and what it shows in words by language
  picture text,
  alt jsonb not null default '{}',
  -- titles, summaries and descriptions, with umlauts and without
  words text not null default '',
  primary key (tenant, subject)
);

create index presentations_picture on presentations (tenant, picture) where picture is not null;

-- pictures in the store, whether something shows them or not
create table pictures (
  tenant text not null,
  hash text not null,
  width integer not null,
  height integer not null,
  -- until then it stays, for whoever stores it has yet to say what it shows
  kept_until timestamptz not null,
  leaving_at timestamptz,
  primary key (tenant, hash)
);

-- what buyers of an article are delivered, as delivery has published it last
create table files (
  tenant text not null,
  sku text not null,
  files jsonb not null,
  released_at timestamptz not null,
  primary key (tenant, sku)
);
