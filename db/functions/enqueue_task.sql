create or replace function api.enqueue_task(
  p_agent name, p_payload jsonb, p_key text default null, p_priority int default 0, p_delay interval default '0',
  p_fifo_key text default null, p_deadline timestamptz default null, p_attempt_limit int default null)
returns bigint language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return core.add_task(p_agent, p_payload, p_key, p_priority, p_delay, null, p_fifo_key, p_deadline, p_attempt_limit);
end $$;
revoke all on function api.enqueue_task(name, jsonb, text, int, interval, text, timestamptz, int) from public;
comment on function api.enqueue_task(name, jsonb, text, int, interval, text, timestamptz, int) is $$Enqueue a task for an agent; with a key, saying it twice gives the same task.
p_agent: whose work it is.
p_payload: its arguments, at most 64 kB and 32 levels; what is larger is an artifact.
p_key: idempotency key of 1 to 200 characters; it outlives the task.
p_priority: larger goes first, -32768 to 32767.
p_delay: not before so long from now.
p_fifo_key: tasks of the agent with the same one are done one by one, in order.
p_deadline: past it the task is a dead letter, wherever it is.
p_attempt_limit: claims before it is a dead letter; null for the agent's own limit.
Returns: the task's number.
Locks: the key's row when two say it at once, the FIFO key; otherwise nothing.
Raises: PB002, PB003, PB004.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}', 'order 17');
1
admin=> select enqueue_task('kicad', '{"n": 1}', 'order 17');
1
admin=> select enqueue_task('kicad', '{"n": 2}', 'order 17');
PB004: key order 17 was used with other arguments$$;
