-- imprint, privacy and terms as a shop has had them: a version is never changed, for customers have ordered by it
create table texts (
  shop_id text not null references shops on delete cascade,
  kind text not null check (kind in ('imprint', 'privacy', 'terms')),
  language text not null,
  -- the day from which it holds, with a number behind it for another of the same day
  version text not null,
  text text not null,
  since timestamptz not null,
  primary key (shop_id, kind, language, version)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'a text by which customers have ordered is never changed: add a later one';
end
$$;

create trigger texts_are_never_changed
before update on texts
for each row execute function refuse_change();
