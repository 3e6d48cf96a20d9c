-- attempt_history: what became of each attempt, as [{attempt, agent, codes}], oldest first.
create or replace function core.attempt_history(p_state_id bigint)
returns jsonb language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('attempt', s.attempt_number, 'agent', r.agent,
             'codes', jsonb_path_query_array(r.error_analysis, '$[*].code')) order by r.error_id), '[]')
      from core.design_scripts s join core.error_reports r using (script_id) where s.state_id = p_state_id);
end $$;
revoke all on function core.attempt_history(bigint) from public;
comment on function core.attempt_history(bigint) is 'Reports of a design by attempt, as [{attempt, agent, codes}].';
