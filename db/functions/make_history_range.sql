-- make_history_range: the partition for task numbers from p_range million on; what ended before it was there moves in.
-- Locks: task_history_rest, exclusively; task_history, so that no other partition comes or goes.
create or replace function core.make_history_range(p_range int)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_name constant text := 'task_history_p' || p_range;
  v_from constant bigint := p_range::bigint * 1000000;
begin
  lock table core.task_history_rest in access exclusive mode;
  execute format('create table core.%I (like core.task_history including all)', v_name);
  execute format('comment on table core.%I is %L', v_name, format('Tasks %s to %s of task_history.', v_from, v_from + 999999));
  execute format('with moved as (delete from core.task_history_rest r where r.task_id between $1 and $1 + 999999 returning r.*)
    insert into core.%I select m.* from moved m', v_name) using v_from;
  execute format('alter table core.task_history attach partition core.%I for values from (%L) to (%L)', v_name, v_from, v_from + 1000000);
  insert into core.history_ranges (range) values (p_range);
end $$;
revoke all on function core.make_history_range(int) from public;
comment on function core.make_history_range(int) is 'Make the partition of task_history for a million task numbers.';
