-- With the caller's own rights: neither the owner nor `admin` may make roles.
create or replace function api.create_login(p_agent name, p_verifier text)
returns void language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp as $$
declare
  v_login record;
  v_role pg_roles;
begin
  perform api.check_verifier(p_verifier);
  select * into v_login from api.login_of_agent(p_agent);
  select r.* into v_role from pg_roles r where r.rolname = p_agent;
  if not found then
    execute format('create role %I noinherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls', p_agent);
    execute format('grant %I to %I with inherit true, set false', v_login.group_name, p_agent);
    execute format('alter role %I set search_path = api', p_agent);
    execute format('alter role %I set jit = off', p_agent);
  elsif v_role.rolcanlogin then
    raise exception '% has a login already; rotate_login gives it a new password', p_agent using errcode = 'PB033';
  elsif not exists (select from pg_auth_members m where m.member = v_role.oid and m.roleid = v_login.group_name::regrole) then
    raise exception 'there is a role % that is no agent''s', p_agent using errcode = 'PB034';
  end if;
  execute format('alter role %I login password %L', p_agent, p_verifier);
  execute format('alter role %I connection limit %s', p_agent, v_login.connection_limit::int);  -- a number, by its type
end $$;
revoke all on function api.create_login(name, text) from public;
comment on function api.create_login(name, text) is $$Give a registered agent its login, or a revoked one back, with a new password; with the caller's own rights.
p_agent: the agent, which is the login's name.
p_verifier: SCRAM-SHA-256, made by the client, so that no password is ever in a statement or a log.
Locks: the role's row.
Raises: PB002, PB033 it has a login, PB034 that role is not an agent's, PB035.
Example:
mas_administrator=> select register_agent('drawer');
mas_administrator=> select create_login('drawer', 'SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy');
mas_administrator=> select can_log_in from list_agents() where name = 'drawer';
t$$;
