-- report_errors: one error report for the script.   Raises: PB007.
create or replace function core.report_errors(p_agent name, p_script_id bigint, p_result jsonb)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  if jsonb_typeof(p_result -> 'errors') is distinct from 'array' or jsonb_array_length(p_result -> 'errors') not between 1 and 5 then
    raise exception 'a rejection must name one to five errors' using errcode = 'PB007';
  end if;
  insert into core.error_reports (script_id, agent, error_feedback, error_analysis)
  values (p_script_id, p_agent, coalesce(p_result ->> 'feedback', ''), p_result -> 'errors');
end $$;
revoke all on function core.report_errors(name, bigint, jsonb) from public;
comment on function core.report_errors(name, bigint, jsonb) is 'Store a report of one to five errors.';
