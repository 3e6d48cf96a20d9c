-- fail_task: the attempt failed; it is tried again after a backoff, or is a dead letter.
-- Locks: the task row, the design's row.   Returns 'retried', 'dead' or 'cancelled'.   Raises: PB001.
create or replace function api.fail_task(p_task_id bigint, p_token uuid, p_error text, p_retry boolean default true)
returns text language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  select core.give_back(core.held_task(p_task_id, p_token), p_error, p_retry)
$$;
revoke all on function api.fail_task(bigint, uuid, text, boolean) from public;
comment on function api.fail_task(bigint, uuid, text, boolean) is 'The attempt failed: retried with backoff, or dead.';
