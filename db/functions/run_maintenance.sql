create or replace function api.run_maintenance()
returns setof text language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  return query select * from core.maintain();
end $$;
revoke all on function api.run_maintenance() from public;
comment on function api.run_maintenance() is $$What claimers do once a minute without being asked: make ranges of task_history ahead, drop old ones.
Returns: a line for each thing that was done.
Locks: task_history for a moment, at most 200 ms waited for.
Raises: nothing
Example:
admin=> select * from run_maintenance();
made task_history_p1
made task_history_p2
made task_history_p3$$;
