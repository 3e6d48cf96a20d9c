-- expire_task: a task past its deadline is a dead letter, wherever it is; its worker, if any, gets PB001.
-- Locks: as reclaim_task, never waits.
create or replace function core.expire_task(p_seen core.tasks)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_task core.tasks;
begin
  if not core.lock_above_task(p_seen.task_id, p_wait => false) then
    return;
  end if;
  select t.* into v_task from core.tasks t where t.task_id = p_seen.task_id and t.deadline = p_seen.deadline for update skip locked;
  if found then
    perform core.give_back(v_task, 'the deadline has passed', false);
  end if;
end $$;
revoke all on function core.expire_task(core.tasks) from public;
comment on function core.expire_task(core.tasks) is 'Dead-letter a task whose deadline has passed; never waits.';
