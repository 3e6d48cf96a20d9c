-- erase_tasks: whatever of these designs is still in hand ends here, and whoever holds it gets PB001 for all that they say
-- from now on; of the tasks' history the numbers stay.   The caller holds the designs' rows.   Returns {tasks}.
create or replace function core.erase_tasks(p_designs bigint[])
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_task core.tasks;
  v_count bigint;
begin
  for v_task in select t.* from core.tasks t where t.state_id = any (p_designs) order by t.task_id for update loop
    perform core.end_task(v_task, 'cancelled', null);
  end loop;
  -- without its token a cancelled task has no answer for a late voice
  update core.task_history h
     set payload = null, result = null, error = null, lease_token = case when h.outcome <> 'cancelled' then h.lease_token end
   where h.state_id = any (p_designs);
  get diagnostics v_count = row_count;
  update core.model_calls c set status = 'failed', problem = 'lost' where c.state_id = any (p_designs) and c.status = 'open';
  return jsonb_build_object('tasks', v_count);
end $$;
revoke all on function core.erase_tasks(bigint[]) from public;
comment on function core.erase_tasks(bigint[]) is 'End the tasks of these designs and erase what they said.';
