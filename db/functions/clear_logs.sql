-- clear_logs: delete lines of system_logs that are older than they are kept.   Locks: their rows.   Returns how many.
create or replace function core.clear_logs()
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_gone bigint;
begin
  delete from core.system_logs l where l.ctid = any (array(
    select o.ctid from core.system_logs o
     where o.timestamp < core.now() - make_interval(days => core.setting('system_log_days')::int) limit 10000 for update skip locked));
  get diagnostics v_gone = row_count;
  return v_gone;
end $$;
revoke all on function core.clear_logs() from public;
comment on function core.clear_logs() is 'Delete lines of system_logs that are older than they are kept.';
