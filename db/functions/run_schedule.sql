-- run_schedule: enqueue a recurring task that is due, once, however many times have passed.
-- Locks: the schedule's row, skipped when somebody else is at it.   What cannot be enqueued is kept as last_error.
create or replace function core.run_schedule(p_name text, p_now timestamptz)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_due core.schedules;
  v_error text;
begin
  select s.* into v_due from core.schedules s where s.name = p_name and s.next_at <= p_now for update skip locked;
  if not found then
    return;
  end if;
  begin
    perform api.enqueue_task(v_due.agent, v_due.payload, p_priority => v_due.priority);
  exception when others then
    v_error := sqlerrm;  -- a claimer runs this: another's bad schedule must not keep it from its work
  end;
  update core.schedules s
     set last_at = p_now, last_error = v_error, next_at = core.next_run(v_due.cron, p_now)
   where s.name = p_name;
end $$;
revoke all on function core.run_schedule(text, timestamptz) from public;
comment on function core.run_schedule(text, timestamptz) is 'Enqueue a recurring task that is due.';
