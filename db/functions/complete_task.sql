-- complete_task: the task is done; its design moves on, in the same transaction.  Safe to say twice.
-- Locks: the task row; the design's row or the FIFO key before it.
-- Raises: PB001 lease lost, PB003 too large, PB005, PB007 bad result, PB011 ended longer ago than history is kept.
create or replace function api.complete_task(p_task_id bigint, p_token uuid, p_result jsonb default null)
returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
begin
  -- nothing hangs on most tasks: one statement is all, and the fence is in it
  with ended as (
    delete from core.tasks t
     where t.task_id = p_task_id and t.lease_token = p_token and t.agent = (core.caller()).role
       and t.state_id is null and t.fifo_key is null and not t.cancelled
    returning t.agent, t.attempt, t.payload, t.enqueued_at)
  insert into core.task_history (task_id, agent, attempt, lease_token, outcome, result, payload, enqueued_at)
  select p_task_id, e.agent, e.attempt, p_token, 'done', p_result, e.payload, e.enqueued_at from ended e;
  if not found then
    return core.finish_task(p_task_id, p_token, p_result);
  end if;
  if p_result is not null then
    perform core.check_result(p_result);
  end if;
  if current_setting('synchronous_commit') = 'off' then
    perform core.commit_durably();
  end if;
  return p_result;
end $$;
revoke all on function api.complete_task(bigint, uuid, jsonb) from public;
comment on function api.complete_task(bigint, uuid, jsonb) is 'Finish a task under its lease; said twice, the same answer; said late, PB001.';
