-- maintain: keep three ranges of task_history ahead, drop those whose work ended longer ago than it is kept.
-- One at a time (advisory class 82); what is locked by others is left for the next time.
create or replace function core.maintain()
returns setof text language plpgsql volatile
set search_path = pg_catalog, pg_temp set lock_timeout = '200ms' as $$
declare
  v_range int;
  v_now int;
begin
  if not pg_try_advisory_xact_lock(82, 0) then
    return;
  end if;
  update core.maintenance m set next_at = core.now() + interval '1 min';
  select s.last_value / 1000000 into v_now from core.task_id_seq s;
  perform core.expire_notifications(), core.clear_attachments(), core.clear_deliveries(), core.clear_erasures(), core.clear_logs();
  delete from core.workers w where w.seen_at < core.now() - interval '7 days';
  for v_range in
    select g from generate_series(0, v_now + 3) g where not exists (select from core.history_ranges r where r.range = g) order by g
  loop
    perform core.make_history_range(v_range);
    return next format('made task_history_p%s', v_range);
  end loop;
  for v_range in select r.range from core.history_ranges r where r.dropped_at is null and r.range < v_now order by r.range loop
    exit when not core.drop_history_range(v_range, core.now() - make_interval(days => core.setting('task_history_days')::int));
    return next format('dropped task_history_p%s', v_range);
  end loop;
exception when lock_not_available then
  return next 'task_history is in use; tried again in a minute';
end $$;
revoke all on function core.maintain() from public;
comment on function core.maintain() is 'Make ranges of task_history ahead of need, and drop those that are old.';
