-- end_candidate: a candidate has ended.  The first that passes is its design's first attempt, and the others are cancelled;
-- when the last has ended without a pass, the one that came farthest is.   Locks: the design's row, then the candidates'.
create or replace function core.end_candidate(p_candidate core.design_states, p_task core.tasks)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_design constant bigint := p_candidate.candidate_of;
  v_best bigint;
begin
  perform from core.design_states d where d.state_id = v_design and d.state = 'comparing' for no key update;
  if not found then
    return;  -- the design has ended, and its candidates with it
  elsif p_candidate.state = 'resolved' then
    perform core.adopt_script(v_design, core.last_script_id(p_candidate.state_id), p_task);
    update core.resolved_designs r set state_id = v_design where r.state_id = p_candidate.state_id;
    perform core.move_design(v_design, 'passed', p_task);
    perform core.stop_design(c.state_id) from core.unfinished_candidates(v_design) c;
  elsif exists (select from core.unfinished_candidates(v_design)) then
    perform core.show_progress(p_candidate.state_id, 'did not pass');
  else
    select s.script_id into v_best from core.design_states d join core.design_scripts s using (state_id)
     where d.candidate_of = v_design order by core.how_far(s) desc, d.candidate limit 1;
    if found then
      perform core.adopt_script(v_design, v_best, p_task);
    end if;
    perform core.move_design(v_design, case when v_best is null then 'gave_up' else 'rejected' end, p_task,
      (select format('none of %s candidates passed: %s', count(*), coalesce(string_agg(distinct rtrim(d.error, '.'), '; '), 'they were cancelled'))
         from core.design_states d where d.candidate_of = v_design));
  end if;
end $$;
revoke all on function core.end_candidate(core.design_states, core.tasks) from public;
comment on function core.end_candidate(core.design_states, core.tasks) is 'What a candidate''s end means to its design.';
