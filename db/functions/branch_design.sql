-- branch_design: make a design's candidates: designs of one attempt with its requirement, each with its own task.  They rest
-- while it is paused.   The caller holds the design's row.   Raises: PB007 when it is not to branch.
create or replace function core.branch_design(p_task core.tasks)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_count constant int := core.candidates_wanted(p_task);
  v_paused boolean;
  v_candidate bigint;
begin
  if v_count < 2 then
    raise exception 'this attempt is not to branch' using errcode = 'PB007';
  end if;
  select d.paused into v_paused from core.design_states d where d.state_id = p_task.state_id;
  for v_number in 1 .. v_count loop
    insert into core.design_states (user_id, state, state_description, interactive, requirement, attempt_limit, paused, candidate_of, candidate)
    select d.user_id, 'designing', d.state_description, d.interactive, d.requirement, 1, v_paused, d.state_id, v_number
      from core.design_states d where d.state_id = p_task.state_id
    returning state_id into v_candidate;
    perform core.record_event(v_candidate, null, 'branched', 'designing', p_task);
    if v_paused then
      perform core.record_event(v_candidate, 'designing', 'paused', 'designing');
    end if;
    perform api.enqueue_task('pcb_designer', jsonb_build_object('design', v_candidate), p_design => v_candidate);
  end loop;
end $$;
revoke all on function core.branch_design(core.tasks) from public;
comment on function core.branch_design(core.tasks) is 'Make the candidates of a design''s first attempt.';
