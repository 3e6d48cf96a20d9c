create or replace function api.claim_task(p_lease interval default '60 s', p_worker text default null)
returns setof core.claimed_task language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  return query select * from api.claim_tasks(1, p_lease, p_worker);
end $$;
revoke all on function api.claim_task(interval, text) from public;
comment on function api.claim_task(interval, text) is $$Lease the next runnable task of the calling agent; no row when idle.
p_lease: how long the task stays the caller's without a heartbeat.
p_worker: which process it is; start_worker gives back what an earlier life of that name held.
Returns: the task; every later call asks for its token.
Locks: the task's row; rows that others have locked are passed over.
Raises: PB002.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
kicad=> select task_id, attempt, payload from claim_task('30 s');
1 | 1 | {"n": 1}
kicad=> select task_id from claim_task('30 s');$$;
