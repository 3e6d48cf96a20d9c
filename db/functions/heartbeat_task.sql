create or replace function api.heartbeat_task(
  p_task_id bigint, p_token uuid, p_lease interval default '60 s', p_progress text default null)
returns text language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare v_task constant core.tasks := core.held_task(p_task_id, p_token);
begin
  update core.tasks t set lease_until = core.now() + p_lease where t.task_id = p_task_id;
  update core.workers w set seen_at = core.now() where w.agent = v_task.agent and w.worker = v_task.worker;
  if p_progress is not null and v_task.state_id is not null then
    perform core.show_progress(v_task.state_id, p_progress);
  end if;
  return case when v_task.cancelled then 'cancelled' else 'continue' end;
end $$;
revoke all on function api.heartbeat_task(bigint, uuid, interval, text) from public;
comment on function api.heartbeat_task(bigint, uuid, interval, text) is $$Keep the lease, and say what is being done.
p_task_id: number of the task, as claimed.
p_token: its token, as claimed.
p_lease: how long from now the task stays the caller's.
p_progress: a few words for the person who waits, cut at 200 characters; null says nothing new.
Returns: continue, or cancelled when nobody wants the task any more.
Locks: the design's row or the FIFO key, then the task's row.
Raises: PB001.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
kicad=> select heartbeat_task(task_id, lease_token, '60 s') from claim_task();
continue$$;
