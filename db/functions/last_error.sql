-- last_error: why a design that failed did so: the last report's findings in a sentence; null for other ends.
create or replace function core.last_error(p_state_id bigint, p_to_state text)
returns text language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  if p_to_state = 'failed' then
    return (select string_agg(concat_ws(' ', e ->> 'code', e ->> 'place') || ': ' || concat_ws(', ', e ->> 'measured', e ->> 'cause'), '; ')
              from (select r.error_analysis from core.error_reports r
                     where r.script_id = core.last_script_id(p_state_id) order by r.error_id desc limit 1) r,
                   jsonb_array_elements(r.error_analysis) e);
  end if;
  return null;
end $$;
revoke all on function core.last_error(bigint, text) from public;
comment on function core.last_error(bigint, text) is 'The last report''s findings in a sentence, for a design that failed.';
