-- last_report: the findings of a script's last report, [] when it has none.
create or replace function core.last_report(p_script_id bigint)
returns jsonb language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return coalesce((select r.error_analysis from core.error_reports r where r.script_id = p_script_id order by r.error_id desc limit 1), '[]');
end $$;
revoke all on function core.last_report(bigint) from public;
comment on function core.last_report(bigint) is 'Findings of a script''s last report.';
