-- drop_history_range: drop a partition of task_history if all its tasks ended before p_before and none is at work.
-- Locks: task_history, exclusively, for a moment.   Returns whether it was dropped.
create or replace function core.drop_history_range(p_range int, p_before timestamptz)
returns boolean language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_name constant text := 'task_history_p' || p_range;
  v_from constant bigint := p_range::bigint * 1000000;
  v_young boolean;
begin
  if exists (select from core.tasks t where t.task_id between v_from and v_from + 999999) then
    return false;
  end if;
  execute format('select exists (select from core.%I h where h.finished_at >= $1)', v_name) into v_young using p_before;
  if not v_young then
    execute format('drop table core.%I', v_name);
    update core.history_ranges r set dropped_at = core.now() where r.range = p_range;
  end if;
  return not v_young;
end $$;
revoke all on function core.drop_history_range(int, timestamptz) from public;
comment on function core.drop_history_range(int, timestamptz) is 'Drop a million task numbers of history when all of it is old.';
