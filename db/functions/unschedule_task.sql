create or replace function api.unschedule_task(p_name text)
returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  delete from core.schedules s where s.name = p_name;
  return found;
end $$;
revoke all on function api.unschedule_task(text) from public;
comment on function api.unschedule_task(text) is $$End a recurring task; those that came stay.
p_name: name of the schedule.
Returns: whether there was one.
Locks: the schedule's row.
Raises: nothing
Example:
admin=> select unschedule_task('nightly');
f$$;
