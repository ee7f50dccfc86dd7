-- the words by which something is found although they are mistyped; one that nothing has any more does no harm.
-- Not by pg_trgm, which is not in every PostgreSQL that this runs on.
create table words (
  tenant text not null,
  -- without umlauts and other marks
  word text not null,
  written text not null,
  -- the word, and each that one letter less makes of it: what is mistyped by a letter has one of these in common
  shortened text[] not null,
  primary key (tenant, word)
);

create index words_shortened on words using gin (shortened);
