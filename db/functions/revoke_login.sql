-- revoke_login: an agent may not log in any more, and its connections in the whole cluster are ended.  Until this
-- transaction commits a new one may still come: say it again until it returns 0; then retire_agent.
-- Returns how many connections were ended.   Raises: PB002 unknown agent.
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
comment on function api.revoke_login(name) is 'Close an agent''s login and end its connections; say it until it returns 0.';
