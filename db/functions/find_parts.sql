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
comment on function api.find_parts(text, text, text, int, int) is $$Parts in stock for a value or a part number: what costs no loading fee first, then the cheapest; what was never counted is not left out.
p_value: a value like 18k or 100nF, or a manufacturer's part number.
p_package: any part of the package's name; null for any package.
p_kind: any part of the category's name; null for any.
p_quantity: pieces that are needed.
p_limit: at most so many rows.
Returns: stock in pieces, prices in US dollars a piece at that quantity.
Raises: nothing
Example:
admin=> select action from import_rows('parts', '[{"lcsc": "C17414", "mpn": "0805W8F1802T5E", "value": "18kΩ", "package": "R_0805", "price_breaks": "1:0.0043"}]');
inserted
kicad=> select lcsc, mpn, unit_price from find_parts('18k', '0805');
C17414 | 0805W8F1802T5E | 0.0043$$;
