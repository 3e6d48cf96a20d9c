-- schedule_task: a task that comes again and again, by a cron expression in UTC; the same name again changes it.
-- p_cron: minute, hour, day of month, month, day of week; *, lists, ranges, steps, names; or @hourly, @daily, @weekly,
-- @monthly, @yearly.   Times that passed while nobody was there come once, not once each.
-- Locks: the schedule's row.   Returns when the first task comes.   Raises: PB002, PB003, PB012 bad expression.
create or replace function api.schedule_task(p_name text, p_agent name, p_cron text, p_payload jsonb, p_priority int default 0)
returns timestamptz language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_next constant timestamptz := core.next_run(p_cron, core.now());
begin
  perform core.receiving_agent(p_agent, p_priority);
  insert into core.schedules (name, agent, cron, payload, priority, next_at)
  values (p_name, p_agent, p_cron, p_payload, p_priority, v_next)
  on conflict (name) do update
     set agent = excluded.agent, cron = excluded.cron, payload = excluded.payload, priority = excluded.priority,
         next_at = excluded.next_at, last_error = null;
  return v_next;
end $$;
revoke all on function api.schedule_task(text, name, text, jsonb, int) from public;
comment on function api.schedule_task(text, name, text, jsonb, int) is 'Make a recurring task, or change it. Returns when it comes first.';
