-- reclaim_task: give back a task whose worker is gone, if nothing has touched it since it was seen.
-- Locks: the design's row or the FIFO key, then the task's, skipping what somebody else has in hand: a claimer never
-- waits here.   Returns whether it was given back.
create or replace function core.reclaim_task(p_seen core.tasks, p_error text)
returns boolean language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_task core.tasks;
begin
  if not core.lock_above_task(p_seen.task_id, p_wait => false) then
    return false;
  end if;
  select t.* into v_task from core.tasks t
   where t.task_id = p_seen.task_id and t.lease_token = p_seen.lease_token and t.lease_until = p_seen.lease_until
     for update skip locked;
  if not found then
    return false;
  end if;
  perform core.give_back(v_task, p_error, true);
  return true;
end $$;
revoke all on function core.reclaim_task(core.tasks, text) from public;
comment on function core.reclaim_task(core.tasks, text) is 'Give back the task of a worker that is gone; never waits.';
