-- finish_task: complete_task for what is not plain: a task of a design or of a FIFO key, one that was cancelled, one
-- that was finished before, one whose lease is lost.
-- Raises: PB001, PB003, PB005, PB007, PB011.
create or replace function core.finish_task(p_task_id bigint, p_token uuid, p_result jsonb)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  v_task core.tasks;
  v_said core.task_history;
begin
  v_task := core.held_task(p_task_id, p_token);
  perform core.check_result(p_result);
  if v_task.cancelled then
    perform core.end_task(v_task, 'cancelled', null);
    return null;
  end if;
  perform core.end_task(v_task, 'done', p_result);  -- first: a design has one piece of work at a time
  if v_task.state_id is not null then
    perform core.take_result(v_task, p_result);
  end if;
  return p_result;
exception when sqlstate 'PB001' then
  -- looked up only after the row lock was waited for: a second voice of the same worker gets the same answer
  select h.* into v_said from core.task_history h
   where h.task_id = p_task_id and h.lease_token = p_token and h.outcome <> 'dead' and h.agent = (core.caller()).role;
  if found then
    return v_said.result;
  elsif exists (select from core.history_ranges r where r.range = p_task_id / 1000000 and r.dropped_at is not null) then
    raise exception 'task % ended longer ago than history is kept', p_task_id using errcode = 'PB011';
  end if;
  raise;
end $$;
revoke all on function core.finish_task(bigint, uuid, jsonb) from public;
comment on function core.finish_task(bigint, uuid, jsonb) is 'Complete a task that is not plain, or say why it cannot be.';
