create or replace function api.claim_tasks(p_count int default 1, p_lease interval default '60 s', p_worker text default null)
returns setof core.claimed_task language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  return query select * from api.claim_task(p_lease, p_worker, p_count);
end $$;
revoke all on function api.claim_tasks(int, interval, text) from public;
comment on function api.claim_tasks(int, interval, text) is $$Lease up to so many runnable tasks of the calling agent, in order of priority and position; no row when idle.
p_count: at most so many.
p_lease: how long they stay the caller's without a heartbeat.
p_worker: which process it is; start_worker gives back what an earlier life of that name held.
Returns: the tasks; every later call asks for a task's token.
Locks: the tasks' rows; rows that others have locked are passed over.
Raises: PB002.
Example:
admin=> select * from enqueue_tasks('kicad', array['{"n": 1}', '{"n": 2}', '{"n": 3}']::jsonb[]);
1
2
3
kicad=> select task_id, payload from claim_tasks(2);
1 | {"n": 1}
2 | {"n": 2}$$;
