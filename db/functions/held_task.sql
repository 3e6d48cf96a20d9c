-- held_task: the task, locked, if the caller holds its lease by this token.   Raises: PB001 lease lost.
-- Locks: the design's row or the FIFO key, then the task's row.  Everybody takes them in this order, so that a
-- completion and a cancellation that meet wait for one another and never lock each other out.
create or replace function core.held_task(p_task_id bigint, p_token uuid)
returns core.tasks language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_task core.tasks;
begin
  perform core.lock_above_task(p_task_id);
  select t.* into v_task from core.tasks t
   where t.task_id = p_task_id and t.lease_token = p_token and t.agent = (core.caller()).role for update;
  if not found then
    raise exception 'the lease of task % is lost', p_task_id using errcode = 'PB001';
  end if;
  return v_task;
end $$;
revoke all on function core.held_task(bigint, uuid) from public;
comment on function core.held_task(bigint, uuid) is 'The fence: the task under this token, locked after what it hangs on, or PB001.';
