-- unit_price: dollars a piece at a quantity, from breaks like 1:0.0043;200:0.0035; null below the first.
create or replace function core.unit_price(p_breaks text, p_quantity int)
returns numeric language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select split_part(b, ':', 2)::numeric from regexp_split_to_table(p_breaks, ';') b
   where split_part(b, ':', 1)::int <= p_quantity order by split_part(b, ':', 1)::int desc limit 1
$$;
revoke all on function core.unit_price(text, int) from public;
comment on function core.unit_price(text, int) is 'Price of a piece when so many are bought.';
