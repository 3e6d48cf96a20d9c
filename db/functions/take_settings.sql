-- take_settings: checked rows into core.settings.   Locks: the settings' rows.
create or replace function core.take_settings(p_rows jsonb)
returns setof core.import_line language sql volatile
set search_path = pg_catalog, pg_temp as $$
  with changed as (
    update core.settings s set value = (e.x ->> 'value')::int::text
      from jsonb_array_elements(p_rows) e (x) where s.name = e.x ->> 'name' and s.value <> (e.x ->> 'value')::int::text
    returning s.name
  )
  select e.n::int, case when c.name is null then 'unchanged' else 'updated' end, null, null
    from jsonb_array_elements(p_rows) with ordinality e (x, n) left join changed c on c.name = e.x ->> 'name'
$$;
revoke all on function core.take_settings(jsonb) from public;
comment on function core.take_settings(jsonb) is 'Checked rows into core.settings.';
