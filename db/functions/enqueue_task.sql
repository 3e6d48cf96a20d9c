-- enqueue_task: give an agent work; with a key, saying it twice gives the same task.
-- Locks: none that wait, but the key's row under a race.   Raises: PB002, PB003, PB004.
create or replace function api.enqueue_task(
  p_agent name, p_payload jsonb, p_key text default null, p_priority int default 0, p_delay interval default '0')
returns bigint language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  select core.add_task(p_agent, p_payload, p_key, p_priority, p_delay)
$$;
revoke all on function api.enqueue_task(name, jsonb, text, int, interval) from public;
comment on function api.enqueue_task(name, jsonb, text, int, interval) is 'Enqueue a task; idempotent with a key. Returns its number.';
