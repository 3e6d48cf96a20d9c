create or replace function api.cancel_task(p_task_id bigint)
returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_task core.tasks;
begin
  perform core.lock_above_task(p_task_id);
  select t.* into v_task from core.tasks t where t.task_id = p_task_id for update;
  if not found then
    return false;
  elsif v_task.state_id is not null and not v_task.cancelled then
    perform api.cancel_design(v_task.state_id);
  else
    perform core.cancel(v_task);
  end if;
  return true;
end $$;
revoke all on function api.cancel_task(bigint) from public;
comment on function api.cancel_task(bigint) is $$Cancel one task, and the design that it belongs to, which without it would wait for ever.
p_task_id: number of the task.
Returns: false when it has ended already.
Locks: the design's row or the FIFO key, then the task's row.
Raises: nothing
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
admin=> select cancel_task(1);
t
admin=> select cancel_task(1);
f$$;
