-- cancel: waiting work ends at once, work in hand at the worker's next heartbeat.   The caller holds the row lock.
create or replace function core.cancel(p_task core.tasks)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  if p_task.state = 'working' then
    update core.tasks t set cancelled = true where t.task_id = p_task.task_id;
  else
    perform core.end_task(p_task, 'cancelled', null);
  end if;
end $$;
revoke all on function core.cancel(core.tasks) from public;
comment on function core.cancel(core.tasks) is 'Cancel one task.';
