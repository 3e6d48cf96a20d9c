create or replace function api.resume_agent(p_agent name)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  update core.agents a set paused = false where a.name = p_agent;
  if not found then
    raise exception 'there is no agent %', p_agent using errcode = 'PB002';
  end if;
  perform core.ring_bell(p_agent);
end $$;
revoke all on function api.resume_agent(name) from public;
comment on function api.resume_agent(name) is $$The agent claims again.
p_agent: the agent.
Locks: the agent's row.
Raises: PB002.
Example:
admin=> select resume_agent('kicad');
admin=> select resume_agent('nobody');
PB002: there is no agent nobody$$;
