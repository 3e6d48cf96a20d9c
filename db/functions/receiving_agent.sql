-- receiving_agent: the agent that work is for; a priority that it never had joins those that its claims look at.
-- Raises: PB002.
create or replace function core.receiving_agent(p_agent name, p_priority int)
returns core.agents language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_agent core.agents;
begin
  select a.* into v_agent from core.agents a where a.name = p_agent;
  if not found then
    raise exception 'there is no agent %', p_agent using errcode = 'PB002';
  elsif p_priority <> all (v_agent.priorities) then
    update core.agents a
       set priorities = array(select distinct p from unnest(a.priorities || p_priority::smallint) p order by p desc)
     where a.name = p_agent and p_priority <> all (a.priorities);
  end if;
  return v_agent;
end $$;
revoke all on function core.receiving_agent(name, int) from public;
comment on function core.receiving_agent(name, int) is 'The agent that work is for, or PB002.';
