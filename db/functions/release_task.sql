create or replace function api.release_task(p_task_id bigint, p_token uuid)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare v_task constant core.tasks := core.held_task(p_task_id, p_token);
begin
  update core.tasks t
     set state = core.waiting_state(v_task.state_id), attempt = t.attempt - 1, lease_token = null, lease_until = null, worker = null, slot = null
   where t.task_id = v_task.task_id;  -- it keeps its place in the queue
  perform core.ring_bell(v_task.agent);
end $$;
revoke all on function api.release_task(bigint, uuid) from public;
comment on function api.release_task(bigint, uuid) is $$Hand a task back untouched, as a worker does that is told to stop; it keeps its place and its attempts.
p_task_id: number of the task, as claimed.
p_token: its token, as claimed.
Locks: the design's row or the FIFO key, then the task's row.
Raises: PB001.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
kicad=> select release_task(task_id, lease_token) from claim_task();
kicad=> select task_id, attempt from claim_task();
1 | 1$$;
