create or replace function api.complete_and_claim(
  p_task_id bigint, p_token uuid, p_result jsonb default null, p_lease interval default '60 s', p_worker text default null)
returns setof core.claimed_task language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform api.complete_task(p_task_id, p_token, p_result);
  return query select * from api.claim_task(p_lease, p_worker);
end $$;
revoke all on function api.complete_and_claim(bigint, uuid, jsonb, interval, text) from public;
comment on function api.complete_and_claim(bigint, uuid, jsonb, interval, text) is $$Finish one task and lease the next, in one round trip.
p_task_id: number of the task, as claimed.
p_token: its token, as claimed.
p_result: as complete_task takes it.
p_lease: as claim_task takes it.
p_worker: as claim_task takes it.
Returns: the next task; no row when idle.
Locks: as complete_task, then as claim_task.
Raises: PB001, PB002, PB003, PB005, PB007, PB011, as complete_task and claim_task do.
Example:
admin=> select * from enqueue_tasks('kicad', array['{"n": 1}', '{"n": 2}']::jsonb[]);
1
2
kicad=> select n.task_id from claim_task() c, complete_and_claim(c.task_id, c.lease_token, '{"ok": true}') n;
2$$;
