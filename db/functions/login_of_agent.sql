-- For functions that run with an administrator's own rights, which do not reach into core.
create or replace function api.login_of_agent(p_agent name)
returns table (group_name name, connection_limit int) language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  return query select case when a.front_end then 'mas_front_end' else 'mas_agent' end::name, 3 * a.replicas
                 from core.agents a where a.name = p_agent;
  if not found then
    raise exception 'there is no agent %', p_agent using errcode = 'PB002';
  end if;
end $$;
revoke all on function api.login_of_agent(name) from public;
comment on function api.login_of_agent(name) is $$The group and the connection limit that an agent's login must have; the administrator's own rights do not reach into core.
p_agent: the agent.
Raises: PB002.
Example:
mas_administrator=> select * from login_of_agent('kicad');
mas_agent | 30$$;
