create or replace function api.enqueue_tasks(p_agent name, p_payloads jsonb[], p_keys text[] default null, p_priority int default 0)
returns setof bigint language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare v_agent constant core.agents := core.receiving_agent(p_agent, p_priority);
begin
  if p_keys is not null then
    if cardinality(p_keys) <> cardinality(p_payloads) then
      raise exception 'give as many keys as payloads' using errcode = 'PB007';
    end if;
    return query select api.enqueue_task(p_agent, u.payload, u.key, p_priority) from unnest(p_payloads, p_keys) u (payload, key);
    return;
  end if;
  if current_setting('synchronous_commit') = 'off' then
    perform core.commit_durably();
  end if;
  return query
    insert into core.tasks as t (agent, payload, priority, attempt_limit)
    select p_agent, u.payload, p_priority, v_agent.attempt_limit from unnest(p_payloads) u (payload)
    returning t.task_id;
  perform core.ring_bell(p_agent);
end $$;
revoke all on function api.enqueue_tasks(name, jsonb[], text[], int) from public;
comment on function api.enqueue_tasks(name, jsonb[], text[], int) is $$Enqueue many tasks for an agent.
p_agent: whose work it is.
p_payloads: their arguments, as enqueue_task takes them.
p_keys: a key for each, or null for none.
p_priority: larger goes first, -32768 to 32767.
Returns: the tasks' numbers, in the order of the payloads.
Locks: the keys' rows when two say them at once; otherwise nothing.
Raises: PB002, PB003, PB004, PB007 when there are not as many keys as payloads, PB042 for a key or a priority out of bounds.
Example:
admin=> select * from enqueue_tasks('kicad', array['{"n": 1}', '{"n": 2}']::jsonb[]);
1
2$$;
