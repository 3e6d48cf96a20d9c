-- current_user, not session_user: behind the gateway it is web_user.
create or replace function api.help(p_function text default null)
returns table (call text, returns text, description text)
language sql stable security invoker
set search_path = pg_catalog, pg_temp as $$
  select u.call, u.returns, case when p_function is null then split_part(u.description, E'\n', 1) else u.description end
    from (select p.proname as name, format('%s(%s)', p.proname, pg_get_function_arguments(p.oid)) as call,
                 pg_get_function_result(p.oid) as returns, obj_description(p.oid, 'pg_proc') as description
            from pg_proc p
           where p.pronamespace = 'api'::regnamespace and has_function_privilege(current_user, p.oid, 'execute')
           union all
          select c.relname, c.relname::text, 'view', obj_description(c.oid, 'pg_class')
            from pg_class c
           where c.relnamespace = 'api'::regnamespace and c.relkind = 'v' and has_table_privilege(current_user, c.oid, 'select')) u
   where u.name = coalesce(p_function, u.name)
   order by u.name
$$;
revoke all on function api.help(text) from public;
comment on function api.help(text) is $$The functions and views that you may use; with a name, all there is to know of that one.
p_function: its name; null lists all of them in a line each.
Raises: nothing
Example:
monitor=> select call, returns from help() where call like 'design_status%';
design_status(p_design bigint) | jsonb
monitor=> select split_part(description, E'\n', 2) from help('design_status');
p_design: number of the design.$$;
