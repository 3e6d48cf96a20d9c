-- enqueue_task: give an agent work; with a key, saying it twice gives the same task.
-- p_delay, p_deadline: not before, not after.   p_fifo_key: tasks with the same one are done one by one, in order.
-- Locks: none that wait, but the key's row under a race, and the FIFO key.   Raises: PB002, PB003, PB004.
create or replace function api.enqueue_task(
  p_agent name, p_payload jsonb, p_key text default null, p_priority int default 0, p_delay interval default '0',
  p_fifo_key text default null, p_deadline timestamptz default null, p_attempt_limit int default null)
returns bigint language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  return core.add_task(p_agent, p_payload, p_key, p_priority, p_delay, null, p_fifo_key, p_deadline, p_attempt_limit);
end $$;
revoke all on function api.enqueue_task(name, jsonb, text, int, interval, text, timestamptz, int) from public;
comment on function api.enqueue_task(name, jsonb, text, int, interval, text, timestamptz, int) is 'Enqueue a task; idempotent with a key. Returns its number.';
