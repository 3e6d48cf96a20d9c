-- call_in_hand: a call that was begun under the lease by which the caller holds this task.   Raises: PB042.
create or replace function core.call_in_hand(p_task core.tasks, p_call_id bigint)
returns core.model_calls language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare v_call core.model_calls;
begin
  select c.* into v_call from core.model_calls c
   where c.call_id = p_call_id and c.task_id = p_task.task_id and c.lease_token = p_task.lease_token;
  if not found then
    raise exception 'call % was not begun under this lease of task %', p_call_id, p_task.task_id using errcode = 'PB042';
  end if;
  return v_call;
end $$;
revoke all on function core.call_in_hand(core.tasks, bigint) from public;
comment on function core.call_in_hand(core.tasks, bigint) is 'A call of the lease in hand, or PB042.';
