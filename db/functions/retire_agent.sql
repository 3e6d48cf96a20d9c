create or replace function api.retire_agent(p_name name)
returns int language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_given_back int;
begin
  update core.agents a set paused = true where a.name = p_name;
  if not found then
    raise exception 'there is no agent %', p_name using errcode = 'PB002';
  end if;
  update core.tasks t
     set state = 'ready', attempt = t.attempt - 1, lease_token = null, lease_until = null, worker = null, slot = null
   where t.agent = p_name and t.state = 'working';
  get diagnostics v_given_back = row_count;
  return v_given_back;
end $$;
revoke all on function api.retire_agent(name) from public;
comment on function api.retire_agent(name) is $$Pause an agent whose login was revoked, and give back what it has in hand, no attempt burned; its history stays, and so does what waits for it.
p_name: the agent.
Returns: how many tasks went back.
Locks: the agent's row, the rows of its tasks in hand.
Raises: PB002.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
kicad=> select task_id from claim_task();
1
admin=> select retire_agent('kicad');
1$$;
