create or replace function api.pause_agent(p_agent name)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  update core.agents a set paused = true where a.name = p_agent;
  if not found then
    raise exception 'there is no agent %', p_agent using errcode = 'PB002';
  end if;
end $$;
revoke all on function api.pause_agent(name) from public;
comment on function api.pause_agent(name) is $$A paused agent claims nothing; what it has in hand it finishes.
p_agent: the agent.
Locks: the agent's row.
Raises: PB002.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
admin=> select pause_agent('kicad');
kicad=> select task_id from claim_task();
admin=> select resume_agent('kicad');
kicad=> select task_id from claim_task();
1$$;
