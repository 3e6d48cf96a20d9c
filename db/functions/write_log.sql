-- write_log: one line into system_logs under the caller's name.   Raises: 23514 for an unknown level.
create or replace function api.write_log(p_level text, p_message text)
returns void language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  insert into core.system_logs (component, log_level, message) values ((core.caller()).role, p_level, left(p_message, 16000))
$$;
revoke all on function api.write_log(text, text) from public;
comment on function api.write_log(text, text) is 'Log a line: DEBUG, INFO, WARNING or ERROR.';
