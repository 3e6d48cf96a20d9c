create or replace function api.enqueue_task(
  p_agent name, p_payload jsonb, p_key text default null, p_priority int default 0, p_delay interval default '0',
  p_fifo_key text default null, p_deadline timestamptz default null, p_attempt_limit int default null, p_design bigint default null)
returns bigint language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  v_id constant bigint := nextval('core.task_id_seq');
  v_first bigint;
  v_xid xid;
  v_run_at constant timestamptz := core.now() + p_delay;
  v_state core.task_state := case when p_delay > '0' then 'scheduled'::core.task_state else 'ready'::core.task_state end;
  v_bell constant int := hashtext(p_agent::text);
begin
  if current_setting('synchronous_commit') = 'off' then
    perform core.commit_durably();
  end if;
  if p_key is not null then
    v_first := core.take_key(p_agent, p_key, v_id, jsonb_build_array(p_payload, p_priority, p_delay)
                 || case when num_nonnulls(p_fifo_key, p_deadline, p_attempt_limit) > 0
                         then jsonb_build_array(p_fifo_key, p_deadline, p_attempt_limit) else '[]' end);
    if v_first <> v_id then
      return v_first;
    end if;
  end if;
  if p_fifo_key is not null and not core.is_first_of_key(p_agent, p_fifo_key) then
    v_state := 'blocked';
  elsif p_design is not null then
    v_state := core.waiting_state(p_design, v_run_at);
  end if;
  loop
    insert into core.tasks (task_id, agent, payload, priority, attempt_limit, state_id, state, run_at, fifo_key, deadline)
    select v_id, a.name, p_payload, p_priority, coalesce(p_attempt_limit, a.attempt_limit), p_design, v_state,
           v_run_at, p_fifo_key, p_deadline
      from core.agents a where a.name = p_agent and p_priority = any (a.priorities)
    returning xmin into v_xid;
    exit when found;
    perform core.receiving_agent(p_agent, p_priority);  -- says why not, or adds the priority
  end loop;
  if not core.all_awake(v_bell) then
    perform core.ring_bell(p_agent, v_xid);
  end if;
  return v_id;
end $$;
revoke all on function api.enqueue_task(name, jsonb, text, int, interval, text, timestamptz, int, bigint) from public;
comment on function api.enqueue_task(name, jsonb, text, int, interval, text, timestamptz, int, bigint) is $$Enqueue a task for an agent; with a key, saying it twice gives the same task.
p_agent: whose work it is.
p_payload: its arguments, at most 64 kB and 32 levels; what is larger is an artifact.
p_key: idempotency key of 1 to 200 characters; it outlives the task.
p_priority: larger goes first, -32768 to 32767; an agent has at most 16 different ones.
p_delay: not before so long from now.
p_fifo_key: tasks of the agent with the same one are done one by one, in order.
p_deadline: past it the task is a dead letter, wherever it is.
p_attempt_limit: claims before it is a dead letter; null for the agent's own limit.
p_design: the design that the task works on; the state machine gives it, people have no need to.
Returns: the task's number.
Locks: the key's row when two say it at once, the FIFO key; otherwise nothing.
Raises: PB002, PB003, PB004, PB042 for a key or a priority out of bounds.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}', 'order 17');
1
admin=> select enqueue_task('kicad', '{"n": 1}', 'order 17');
1
admin=> select enqueue_task('kicad', '{"n": 2}', 'order 17');
PB004: key order 17 was used with other arguments$$;
