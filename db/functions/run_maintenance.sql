-- run_maintenance: what claimers do once a minute without being asked: make ranges of task_history ahead, drop old ones.
-- Locks: task_history for a moment, at most 200 ms waited for.   Returns what was done.
create or replace function api.run_maintenance()
returns setof text language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  return query select * from core.maintain();
end $$;
revoke all on function api.run_maintenance() from public;
comment on function api.run_maintenance() is 'Make and drop ranges of task_history. Returns what was done.';
