-- find_parts: what can be bought for a value ('18k', '100nF') or part number, in a package and of a kind when they are
-- named (any part of their names): what costs no loading fee first, then the cheapest.  What was seen out of stock is
-- left out; what was never counted is not.  Quantities are pieces, prices US dollars a piece.
create or replace function api.find_parts(
  p_value text, p_package text default null, p_kind text default null, p_quantity int default 1, p_limit int default 20)
returns table (lcsc text, mpn text, manufacturer text, kind text, value text, package text, class text, stock int, unit_price numeric,
               symbol text, footprint text, description text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select p.lcsc, p.mpn, p.manufacturer, p.kind, p.value, p.package, p.class, p.stock, core.unit_price(p.price_breaks, p_quantity),
         p.symbol, p.footprint, p.description
    from core.parts p
   where (p.value_si = core.si_value(p_value) or p.mpn = p_value)
     and strpos(lower(coalesce(p.package, '')), lower(coalesce(p_package, ''))) > 0
     and strpos(lower(coalesce(p.kind, '')), lower(coalesce(p_kind, ''))) > 0
     and coalesce(p.stock >= p_quantity, true)
   order by array_position(array['basic', 'preferred'], p.class) nulls last, core.unit_price(p.price_breaks, p_quantity) nulls last, p.lcsc
   limit p_limit
$$;
revoke all on function api.find_parts(text, text, text, int, int) from public;
comment on function api.find_parts(text, text, text, int, int) is 'Parts in stock for a value or part number, cheapest to mount first.';
