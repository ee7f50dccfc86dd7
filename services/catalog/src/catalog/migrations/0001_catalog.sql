create table channels (
  tenant text not null,
  code text not null,
  kind text not null,
  seller text not null,
  market text not null,
  -- shows prices without VAT, which is added below; businesses alone buy there
  net boolean not null,
  primary key (tenant, code)
);

create table products (
  tenant text not null,
  id uuid not null,
  family_id uuid not null,
  line_id uuid not null,
  line text not null,
  family text not null,
  version text not null,
  exclusive boolean not null,
  published_at timestamptz not null,
  withdrawn_at timestamptz,
  -- staff or file: what staff withdrew is not sold again by loading a file
  withdrawn_by text,
  -- all names, descriptions and SKUs, with umlauts and without
  words text not null,
  -- these, and what is written of the line, the family, the product and its editions: German and simple words
  search tsvector not null default ''::tsvector,
  primary key (tenant, id),
  unique (tenant, family, version)
);

create index products_in_order on products (tenant, family, version, id) where withdrawn_at is null;
create index products_of_family on products (tenant, family_id);
create index products_of_line on products (tenant, line_id);
create index products_search on products using gin (search);

create table editions (
  tenant text not null,
  product_id uuid not null,
  code text not null,
  id uuid not null,
  name text not null,
  description text not null,
  position integer not null,
  primary key (tenant, product_id, code),
  unique (tenant, id)
);

create table variants (
  tenant text not null,
  sku text not null,
  product_id uuid not null,
  edition_code text not null,
  fulfilment text not null,
  tax_class text not null,
  position integer not null,
  primary key (tenant, sku)
);

create index variants_of_product on variants (tenant, product_id, edition_code);

-- of every article there ever was: one that comes back is delivered and licensed as before
create table settings (
  tenant text not null,
  sku text not null,
  link_validity_days integer not null,
  download_limit integer not null,
  key_source text not null,
  key_prefix text not null,
  low_stock integer not null,
  -- unit: each sold unit has a key of its own; purchase: all units of an order's line share one (LIC-4)
  keys_per text not null,
  primary key (tenant, sku)
);

create table listings (
  tenant text not null,
  channel text not null,
  sku text not null,
  product_id uuid not null,
  sellable_from timestamptz not null,
  sellable_until timestamptz,
  markets text[] not null,
  customer_types text[] not null,
  primary key (tenant, sku, channel)
);

create index listings_of_product on listings (tenant, product_id, channel);

-- the channel '' is the recommended retail price, which is nobody's offer
create table prices (
  tenant text not null,
  sku text not null,
  channel text not null,
  currency text not null,
  valid_from timestamptz not null,
  amount bigint not null check (amount > 0),
  id uuid not null default gen_random_uuid(),
  primary key (tenant, sku, channel, currency, valid_from),
  unique (tenant, id)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'prices are dated and never overwritten: add a later one';
end
$$;

create trigger prices_are_never_overwritten
before update or delete on prices
for each row execute function refuse_change();

create table coupons (
  tenant text not null,
  id uuid not null,
  channel text not null,
  code text not null,
  discount_basis_points integer not null,
  valid_from timestamptz not null,
  valid_until timestamptz not null,
  uses integer,
  uses_per_customer integer not null,
  primary key (tenant, id),
  unique (tenant, channel, code)
);
