-- receiving_agent: the agent that work is for; a priority that it never had joins those that its claims look at.
-- Raises: PB002, PB042 a priority that is none, or one more than an agent may have.
create or replace function core.receiving_agent(p_agent name, p_priority int)
returns core.agents language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_agent core.agents;
begin
  select a.* into v_agent from core.agents a where a.name = p_agent;
  if not found then
    raise exception 'there is no agent %', p_agent using errcode = 'PB002';
  elsif p_priority is null or p_priority not between -32768 and 32767 then
    raise exception 'priority % is not between -32768 and 32767', coalesce(p_priority::text, 'null') using errcode = 'PB042';
  elsif p_priority <> all (v_agent.priorities) and cardinality(v_agent.priorities) >= 16 then
    raise exception '% has 16 priorities already: %', p_agent, v_agent.priorities using errcode = 'PB042';
  elsif p_priority <> all (v_agent.priorities) then
    update core.agents a
       set priorities = array(select distinct p from unnest(a.priorities || p_priority::smallint) p order by p desc)
     where a.name = p_agent and p_priority <> all (a.priorities);
  end if;
  return v_agent;
end $$;
revoke all on function core.receiving_agent(name, int) from public;
comment on function core.receiving_agent(name, int) is 'The agent that work is for, or PB002.';
