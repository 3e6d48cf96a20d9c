-- check_references: what rows for import name and the database does not have: front ends of users, settings.
create or replace function core.check_references(p_kind text, p_rows jsonb)
returns setof core.import_line language sql stable
set search_path = pg_catalog, pg_temp as $$
  select e.n::int, 'refused', 'front_end', format('there is no front end %s', e.x ->> 'front_end')
    from jsonb_array_elements(p_rows) with ordinality e (x, n)
   where p_kind = 'users' and e.x ->> 'front_end' <> 'web_user'  -- people who come through the gateway only
     and not exists (select from core.agents a where a.front_end and a.name = e.x ->> 'front_end')
  union all
  select e.n::int, 'refused', case when s.name is null then 'name' else 'value' end, core.setting_problem(e.x ->> 'name', e.x ->> 'value')
    from jsonb_array_elements(p_rows) with ordinality e (x, n) left join core.settings s on s.name = e.x ->> 'name'
   where p_kind = 'settings' and e.x ->> 'name' is not null and e.x ->> 'value' ~ '^[0-9]{1,9}$'
     and core.setting_problem(e.x ->> 'name', e.x ->> 'value') is not null
$$;
revoke all on function core.check_references(text, jsonb) from public;
comment on function core.check_references(text, jsonb) is 'Front ends and settings that rows for import name in vain.';
