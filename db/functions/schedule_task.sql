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
comment on function api.schedule_task(text, name, text, jsonb, int) is $$Make a recurring task by a cron expression in UTC; the same name again changes it. Times that passed while nobody was there come once, not once each.
p_name: name of the schedule, 1 to 100 characters.
p_agent: whose work it is.
p_cron: minute, hour, day of month, month, day of week: *, lists, ranges, steps, names; or @hourly, @daily, @weekly, @monthly, @yearly.
p_payload: payload of every task.
p_priority: priority of every task.
Returns: when the first task comes.
Locks: the schedule's row.
Raises: PB002, PB003, PB012, PB042 for a priority out of bounds.
Example:
admin=> select schedule_task('nightly', 'kicad', '30 3 * * *', '{"clean": true}') > now();
t
admin=> select schedule_task('nightly', 'kicad', 'soon', '{}');
PB012: …$$;
