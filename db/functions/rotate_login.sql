create or replace function api.rotate_login(p_agent name, p_verifier text)
returns void language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp as $$
begin
  perform api.check_verifier(p_verifier);
  perform from api.login_of_agent(p_agent);
  if not exists (select from pg_roles r where r.rolname = p_agent and r.rolcanlogin) then
    raise exception '% cannot log in; create_login gives a revoked login back', p_agent using errcode = 'PB002';
  end if;
  execute format('alter role %I password %L', p_agent, p_verifier);
end $$;
revoke all on function api.rotate_login(name, text) from public;
comment on function api.rotate_login(name, text) is $$Give an agent's login a new password; connections that are open stay open.
p_agent: the agent.
p_verifier: SCRAM-SHA-256, as the client makes it.
Locks: the role's row.
Raises: PB002 also for one that cannot log in, PB035.
Example:
mas_administrator=> select register_agent('drawer');
mas_administrator=> select rotate_login('drawer', 'SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy');
PB002: drawer cannot log in; create_login gives a revoked login back$$;
