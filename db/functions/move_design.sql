-- move_design: the one place where a design changes its state, by core.transitions; who works next gets a task.
-- Locks: the design's row; the caller holds that of the design whose candidate it is.   Raises: PB005 illegal transition, PB006 no such design.
create or replace function core.move_design(
  p_state_id bigint, p_outcome text, p_task core.tasks default null, p_error text default null)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_design core.design_states;
  v_move core.transitions;
  v_final boolean;
begin
  select d.* into v_design from core.design_states d where d.state_id = p_state_id for no key update;
  if not found then
    raise exception 'there is no design %', p_state_id using errcode = 'PB006';
  end if;
  select t.* into v_move from core.transitions t
   where t.from_state = v_design.state and t.outcome = p_outcome
     and coalesce(t.attempts_left = (v_design.attempt < v_design.attempt_limit), true);
  if not found then
    raise exception 'design % is % and cannot be %', p_state_id, v_design.state, p_outcome using errcode = 'PB005';
  end if;
  select s.final into v_final from core.states s where s.state = v_move.to_state;
  update core.design_states d
     set state = v_move.to_state, progress = null, paused = d.paused and not v_final,
         error = case when v_final then coalesce(p_error, core.last_error(p_state_id, v_move.to_state)) end,
         finished_at = case when v_final then core.now() end
   where d.state_id = p_state_id;
  perform core.record_event(p_state_id, v_design.state, p_outcome, v_move.to_state, p_task);
  if v_move.next_agent is not null then
    perform api.enqueue_task(v_move.next_agent, jsonb_build_object('design', p_state_id), p_design => p_state_id);
  end if;
  if p_outcome = 'rejected' and not v_final then
    perform core.notify_agents('corrections_needed', jsonb_build_object('design', p_state_id, 'attempt', v_design.attempt,
      'codes', core.attempt_history(p_state_id) -> -1 -> 'codes'), p_state_id => p_state_id);
  end if;
  if v_final and v_design.candidate_of is null then
    perform core.announce_end(p_state_id);
  elsif v_final then
    perform core.end_candidate(d, p_task) from core.design_states d where d.state_id = p_state_id;
  end if;
  perform core.ring_front_ends(coalesce(v_design.candidate_of, p_state_id));
end $$;
revoke all on function core.move_design(bigint, text, core.tasks, text) from public;
comment on function core.move_design(bigint, text, core.tasks, text) is 'Move a design by the transitions table and give the next agent its task.';
