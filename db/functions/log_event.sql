-- No foreign keys on the numbers: a line outlives the task, and stays when its design's words are erased.
create or replace function api.log_event(p_level text, p_message text, p_design bigint default null, p_task bigint default null)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if p_level is null or p_level not in ('DEBUG', 'INFO', 'WARNING', 'ERROR') then
    raise exception 'there is no log level %', p_level using errcode = 'PB041';
  end if;
  insert into core.system_logs (component, log_level, message, state_id, task_id)
  values ((core.caller()).role, p_level, left(p_message, 1000), p_design, p_task);
end $$;
revoke all on function api.log_event(text, text, bigint, bigint) from public;
comment on function api.log_event(text, text, bigint, bigint) is $$A line into system_logs under the caller's name, with the design and the task that it is about: what happened to a process, in its own words, never a user's.
p_level: DEBUG, INFO, WARNING or ERROR.
p_message: the line, cut at 1,000 characters.
p_design: number of the design, if it is about one.
p_task: number of the task, if it is about one.
Locks: nothing
Raises: PB041.
Example:
kicad=> select log_event('ERROR', 'task dead: BuildError', 32, 7);
monitor=> select component, level, design, task, message from recent_logs;
kicad | ERROR | 32 | 7 | task dead: BuildError$$;
