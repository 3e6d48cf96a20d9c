-- help: the functions that the caller may use, with their arguments and what they do.  current_user: behind the gateway that is web_user.
create or replace function api.help()
returns table (call text, returns text, description text)
language sql stable security invoker
set search_path = pg_catalog, pg_temp as $$
  select format('%s(%s)', p.proname, pg_get_function_arguments(p.oid)), pg_get_function_result(p.oid), obj_description(p.oid, 'pg_proc')
    from pg_proc p
   where p.pronamespace = 'api'::regnamespace and has_function_privilege(current_user, p.oid, 'execute')
   order by p.proname
$$;
revoke all on function api.help() from public;
comment on function api.help() is 'The functions that you may call.';
