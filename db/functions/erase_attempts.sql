-- erase_attempts: scripts, reports and boards of these designs; that there were so many attempts stays.   Returns {attempts}.
create or replace function core.erase_attempts(p_designs bigint[])
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_scripts bigint[];
begin
  update core.resolved_designs r set resolution_notes = null where r.state_id = any (p_designs);
  with emptied as (
    update core.design_scripts s set script_content = '', notes = null, summary = null, checks = null
     where s.state_id = any (p_designs) returning s.script_id)
  select coalesce(array_agg(e.script_id), '{}') into v_scripts from emptied e;
  update core.error_reports r set error_feedback = '', error_analysis = null where r.script_id = any (v_scripts);
  perform core.forget_board(s) from unnest(v_scripts) s;
  return jsonb_build_object('attempts', cardinality(v_scripts));
end $$;
revoke all on function core.erase_attempts(bigint[]) from public;
comment on function core.erase_attempts(bigint[]) is 'Erase scripts, reports and boards of these designs.';
