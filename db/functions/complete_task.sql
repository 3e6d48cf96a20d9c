-- complete_task: the task is done; its design moves on, in the same transaction.  Safe to say twice.
-- Locks: the task row, the design's row.   Raises: PB001 lease lost, PB003 too large, PB005, PB007 bad result.
create or replace function api.complete_task(p_task_id bigint, p_token uuid, p_result jsonb default null)
returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_task core.tasks;
  v_said core.task_history;
begin
  v_task := core.held_task(p_task_id, p_token);
  if octet_length(p_result::text) > 1048576 then
    raise exception 'the result has % bytes, 1048576 are allowed', octet_length(p_result::text) using errcode = 'PB003';
  elsif jsonb_path_exists(p_result, '$.**{33}') then
    raise exception 'the result is nested more than 32 deep' using errcode = 'PB003';
  elsif v_task.cancelled then
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
  if not found then
    raise;
  end if;
  return v_said.result;
end $$;
revoke all on function api.complete_task(bigint, uuid, jsonb) from public;
comment on function api.complete_task(bigint, uuid, jsonb) is 'Finish a task under its lease; said twice, the same answer; said late, PB001.';
