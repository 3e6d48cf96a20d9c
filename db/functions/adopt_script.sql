-- adopt_script: a candidate's attempt becomes its design's, with its files, its board and its report: they hang on the
-- script, which changes hands.  An attempt that nobody has reported on, because its task was given up, gets a report of that.
create or replace function core.adopt_script(p_state_id bigint, p_script_id bigint, p_task core.tasks)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_candidate core.design_states;
begin
  select d.* into v_candidate from core.design_scripts s join core.design_states d using (state_id) where s.script_id = p_script_id;
  update core.design_states d set attempt = d.attempt + 1 where d.state_id = p_state_id;
  update core.design_scripts s set state_id = p_state_id, attempt_number = d.attempt
    from core.design_states d where s.script_id = p_script_id and d.state_id = p_state_id;
  update core.artifacts a set state_id = p_state_id where a.script_id = p_script_id;
  if v_candidate.state <> 'resolved' and not exists (select from core.error_reports r where r.script_id = p_script_id) then
    insert into core.error_reports (script_id, agent, error_feedback, error_analysis)
    values (p_script_id, coalesce(p_task.agent, 'pcb_designer'), coalesce(v_candidate.error, ''),
            jsonb_build_array(jsonb_build_object('code', 'NOT_FINISHED', 'place', '', 'measured', '', 'required', 'a tested board',
              'cause', coalesce(v_candidate.error, 'the work on it was cancelled'), 'fix', '')));
  end if;
end $$;
revoke all on function core.adopt_script(bigint, bigint, core.tasks) from public;
comment on function core.adopt_script(bigint, bigint, core.tasks) is 'Make a candidate''s attempt its design''s own.';
