create or replace function api.fit_logins()
returns setof name language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp as $$
declare v_login record;
begin
  for v_login in
    select r.rolname, l.connection_limit
      from api.list_agents() a join pg_roles r on r.rolname = a.name, api.login_of_agent(a.name) l
     where r.rolconnlimit <> l.connection_limit order by 1
  loop
    execute format('alter role %I connection limit %s', v_login.rolname, v_login.connection_limit::int);  -- a number, by its type
    return next v_login.rolname;
  end loop;
end $$;
revoke all on function api.fit_logins() from public;
comment on function api.fit_logins() is $$Bring the connection limits of the agents' logins in line with their replicas: three for each.
Returns: the agents that were changed.
Locks: the roles' rows.
Raises: nothing
Example:
mas_administrator=> select change_agent('kicad', p_replicas => 4);
mas_administrator=> select * from fit_logins();
kicad$$;
