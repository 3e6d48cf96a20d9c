-- take_symbols: the rows are all symbols that there are; what has not changed is not written.
create or replace function core.take_symbols(p_rows jsonb[])
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  delete from core.library_symbols s where s.symbol not in (select x ->> 'symbol' from unnest(p_rows) x);
  insert into core.library_symbols as s (symbol, description, keywords, footprint, footprint_filters, pins)
  select distinct on (x ->> 'symbol') x ->> 'symbol', left(coalesce(x ->> 'description', ''), 2000), left(coalesce(x ->> 'keywords', ''), 2000),
         left(coalesce(x ->> 'footprint', ''), 400), left(coalesce(x ->> 'footprint_filters', ''), 2000), (x ->> 'pins')::int
    from unnest(p_rows) x
  on conflict (symbol) do update
     set description = excluded.description, keywords = excluded.keywords, footprint = excluded.footprint,
         footprint_filters = excluded.footprint_filters, pins = excluded.pins
   where (s.description, s.keywords, s.footprint, s.footprint_filters, s.pins)
         is distinct from (excluded.description, excluded.keywords, excluded.footprint, excluded.footprint_filters, excluded.pins);
end $$;
revoke all on function core.take_symbols(jsonb[]) from public;
comment on function core.take_symbols(jsonb[]) is 'Replace the symbols.';
