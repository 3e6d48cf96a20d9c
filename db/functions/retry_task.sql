create or replace function api.retry_task(p_task_id bigint)
returns bigint language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_dead core.task_history;
begin
  select h.* into v_dead from core.task_history h where h.task_id = p_task_id and h.outcome = 'dead';
  if not found then
    raise exception 'task % is no dead letter', p_task_id using errcode = 'PB013';
  elsif v_dead.state_id is not null then
    raise exception 'task % belongs to design %, which has ended: fork the design', p_task_id, v_dead.state_id using errcode = 'PB005';
  end if;
  return api.enqueue_task(v_dead.agent, v_dead.payload, 'retry of task ' || p_task_id);
end $$;
revoke all on function api.retry_task(bigint) from public;
comment on function api.retry_task(bigint) is $$Try a dead letter again, as a new task with all its attempts; said twice, the same task. A design's dead letter has ended its design: fork that.
p_task_id: number of the dead letter.
Returns: the new task's number.
Locks: as enqueue_task.
Raises: PB002, PB005 belongs to a design, PB013.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
kicad=> select fail_task(task_id, lease_token, 'no footprint', p_retry => false) from claim_task();
dead
admin=> select retry_task(1) > 1;
t$$;
