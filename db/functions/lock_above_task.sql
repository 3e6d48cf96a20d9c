-- lock_above_task: lock what a task hangs on (its design's row, its FIFO key), before its own row is locked.
-- Locks: those.   A task never changes its design or its key.   p_wait false: returns false instead of waiting.
create or replace function core.lock_above_task(p_task_id bigint, p_wait boolean default true)
returns boolean language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_task core.tasks;
begin
  select t.* into v_task from core.tasks t where t.task_id = p_task_id;
  if v_task.fifo_key is not null then
    return core.lock_fifo_key(v_task.agent, v_task.fifo_key, p_wait);
  elsif v_task.state_id is null then
    return true;
  end if;
  return core.lock_design(v_task.state_id, p_wait);
end $$;
revoke all on function core.lock_above_task(bigint, boolean) from public;
comment on function core.lock_above_task(bigint, boolean) is 'Lock the design or the FIFO key of a task.';
