-- heartbeat_task: keep the lease, and say what is being done.
-- Locks: the task row, the design's row when there is progress.   Returns 'continue' or 'cancelled'.   Raises: PB001.
create or replace function api.heartbeat_task(
  p_task_id bigint, p_token uuid, p_lease interval default '60 s', p_progress text default null)
returns text language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_task constant core.tasks := core.held_task(p_task_id, p_token);
begin
  update core.tasks t set lease_until = core.now() + p_lease where t.task_id = p_task_id;
  update core.workers w set seen_at = core.now() where w.agent = v_task.agent and w.worker = v_task.worker;
  if p_progress is not null and v_task.state_id is not null then
    update core.design_states d set progress = left(p_progress, 200)
     where d.state_id = v_task.state_id and d.progress is distinct from left(p_progress, 200);
    if found then
      perform core.ring_front_ends(v_task.state_id);
    end if;
  end if;
  return case when v_task.cancelled then 'cancelled' else 'continue' end;
end $$;
revoke all on function api.heartbeat_task(bigint, uuid, interval, text) from public;
comment on function api.heartbeat_task(bigint, uuid, interval, text) is 'Extend the lease and report progress; answers continue or cancelled.';
