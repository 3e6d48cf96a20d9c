-- take_footprints: the rows are all footprints that there are; what has not changed is not written.
create or replace function core.take_footprints(p_rows jsonb[])
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  delete from core.library_footprints f where f.footprint not in (select x ->> 'footprint' from unnest(p_rows) x);
  insert into core.library_footprints as f (footprint, description, tags, pads)
  select distinct on (x ->> 'footprint') x ->> 'footprint', left(coalesce(x ->> 'description', ''), 2000), left(coalesce(x ->> 'tags', ''), 2000),
         (x ->> 'pads')::int
    from unnest(p_rows) x
  on conflict (footprint) do update set description = excluded.description, tags = excluded.tags, pads = excluded.pads
   where (f.description, f.tags, f.pads) is distinct from (excluded.description, excluded.tags, excluded.pads);
end $$;
revoke all on function core.take_footprints(jsonb[]) from public;
comment on function core.take_footprints(jsonb[]) is 'Replace the footprints.';
