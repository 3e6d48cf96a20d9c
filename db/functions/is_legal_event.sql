-- is_legal_event: whether the state machine makes this event: a beginning, a move of core.transitions with as many attempts
-- left as it wants, or pausing and resuming in place, in turns and never after the end.
-- p_paused: whether the design was paused before.   p_attempt_limit: scripts that the design may have.
create or replace function core.is_legal_event(p_event core.design_events, p_paused boolean, p_attempt_limit int)
returns boolean language sql stable
set search_path = pg_catalog, pg_temp as $$
  select case
    when p_event.from_state is null then (p_event.outcome, p_event.to_state) in (('received', 'briefing'), ('forked', 'building'), ('branched', 'designing'), ('retried', 'designing'))
    when p_event.outcome in ('paused', 'resumed') then
      p_event.from_state = p_event.to_state and (p_event.outcome = 'resumed') = p_paused
      and exists (select from core.states s where s.state = p_event.from_state and not s.final)
    else exists (select from core.transitions t
                  where (t.from_state, t.outcome, t.to_state) = (p_event.from_state, p_event.outcome, p_event.to_state)
                    and coalesce(t.attempts_left = (p_event.attempt < p_attempt_limit), true)) end
$$;
revoke all on function core.is_legal_event(core.design_events, boolean, int) from public;
comment on function core.is_legal_event(core.design_events, boolean, int) is 'Whether an event is one that the state machine makes.';
