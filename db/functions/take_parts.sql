-- take_parts: checked rows into core.parts, by LCSC's number.   Locks: the rows it changes.
create or replace function core.take_parts(p_rows jsonb)
returns setof core.import_line language sql volatile
set search_path = pg_catalog, pg_temp as $$
  with found as materialized (
    -- what a row does not name stays as the table has it
    select e.n, jsonb_populate_record(p, e.x) as new, p as old
      from jsonb_array_elements(p_rows) with ordinality e (x, n) left join core.parts p on p.lcsc = e.x ->> 'lcsc'
  ), changed as (
    insert into core.parts (lcsc, mpn, manufacturer, kind, value, package, class, stock, price_breaks, symbol, footprint, description,
                            datasheet, source, last_seen)
    select (f.new).lcsc, (f.new).mpn, (f.new).manufacturer, (f.new).kind, (f.new).value, (f.new).package, (f.new).class, (f.new).stock,
           (f.new).price_breaks, (f.new).symbol, (f.new).footprint, (f.new).description, (f.new).datasheet, (f.new).source, (f.new).last_seen
      from found f where f.new is distinct from f.old
    on conflict (lcsc) do update
       set mpn = excluded.mpn, manufacturer = excluded.manufacturer, kind = excluded.kind, value = excluded.value,
           package = excluded.package, class = excluded.class, stock = excluded.stock, price_breaks = excluded.price_breaks,
           symbol = excluded.symbol, footprint = excluded.footprint, description = excluded.description, datasheet = excluded.datasheet,
           source = excluded.source, last_seen = excluded.last_seen, changed_at = core.now()
    returning lcsc
  )
  select f.n::int, case when c.lcsc is null then 'unchanged' when (f.old).lcsc is null then 'inserted' else 'updated' end, null, null
    from found f left join changed c on c.lcsc = (f.new).lcsc
$$;
revoke all on function core.take_parts(jsonb) from public;
comment on function core.take_parts(jsonb) is 'Checked rows into core.parts.';
