-- reclaim_task: give back a task whose worker is gone, if nothing has touched it since it was seen.
-- Locks: the design's row, then the task's, skipping what somebody else has in hand: a claimer never waits here.
-- Returns whether it was given back.
create or replace function core.reclaim_task(p_seen core.tasks, p_error text)
returns boolean language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_task core.tasks;
begin
  if p_seen.state_id is not null then
    perform from core.design_states d where d.state_id = p_seen.state_id for no key update skip locked;
    if not found then
      return false;
    end if;
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
