create or replace function api.fail_task(p_task_id bigint, p_token uuid, p_error text, p_retry boolean default true)
returns text language sql volatile security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select core.give_back(core.held_task(p_task_id, p_token), p_error, p_retry)
$$;
revoke all on function api.fail_task(bigint, uuid, text, boolean) from public;
comment on function api.fail_task(bigint, uuid, text, boolean) is $$The attempt failed: the task is tried again after a backoff, or is a dead letter.
p_task_id: number of the task, as claimed.
p_token: its token, as claimed.
p_error: why, for people.
p_retry: false when trying again is of no use.
Returns: retried, dead or cancelled.
Locks: the design's row or the FIFO key, then the task's row.
Raises: PB001.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}', p_attempt_limit => 2);
1
kicad=> select fail_task(task_id, lease_token, 'no footprint') from claim_task();
retried$$;
