create or replace function api.revoke_login(p_agent name)
returns int language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp as $$
declare
  v_ended int;
  v_member boolean;
begin
  perform from api.login_of_agent(p_agent);
  if not exists (select from pg_roles r where r.rolname = p_agent) then
    return 0;
  end if;
  execute format('alter role %I nologin password null', p_agent);
  v_member := pg_has_role(current_user, p_agent, 'usage');
  if not v_member then  -- one who is no superuser ends the connections of roles that they are a member of
    execute format('grant %I to %I with inherit true, set false', p_agent, current_user);
  end if;
  select count(*) filter (where pg_terminate_backend(s.pid, 5000)) into v_ended from pg_stat_activity s where s.usename = p_agent;
  if not v_member then
    execute format('revoke %I from %I granted by %2$I', p_agent, current_user);
  end if;
  return v_ended;
end $$;
revoke all on function api.revoke_login(name) from public;
comment on function api.revoke_login(name) is $$Close an agent's login and end its connections in the whole cluster; a new one may come until this commits: say it until it returns 0, then retire_agent.
p_agent: the agent.
Returns: how many connections were ended.
Locks: the role's row.
Raises: PB002.
Example:
mas_administrator=> select register_agent('drawer');
mas_administrator=> select create_login('drawer', 'SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy');
mas_administrator=> select revoke_login('drawer');
0$$;
