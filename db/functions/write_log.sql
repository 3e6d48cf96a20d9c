create or replace function api.write_log(p_level text, p_message text)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if p_level is null or p_level not in ('DEBUG', 'INFO', 'WARNING', 'ERROR') then
    raise exception 'there is no log level %', p_level using errcode = 'PB041';
  end if;
  insert into core.system_logs (component, log_level, message) values ((core.caller()).role, p_level, left(p_message, 16000));
end $$;
revoke all on function api.write_log(text, text) from public;
comment on function api.write_log(text, text) is $$A line into system_logs under the caller's name.
p_level: DEBUG, INFO, WARNING or ERROR.
p_message: the line, cut at 16,000 characters.
Locks: nothing
Raises: PB041.
Example:
kicad=> select write_log('INFO', 'warm');
kicad=> select write_log('LOUD', 'warm');
PB041: there is no log level LOUD$$;
