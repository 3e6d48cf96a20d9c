-- is_legal_event: whether core.transitions, or pausing and resuming in place, or a beginning, allows the event.
create or replace function core.is_legal_event(p_event core.design_events)
returns boolean language sql stable
set search_path = pg_catalog, pg_temp as $$
  select case
    when p_event.from_state is null then (p_event.outcome, p_event.to_state) in (('received', 'briefing'), ('forked', 'building'))
    when p_event.outcome in ('paused', 'resumed') then p_event.from_state = p_event.to_state
    else exists (select from core.transitions t
                  where (t.from_state, t.outcome, t.to_state) = (p_event.from_state, p_event.outcome, p_event.to_state)) end
$$;
revoke all on function core.is_legal_event(core.design_events) from public;
comment on function core.is_legal_event(core.design_events) is 'Whether an event is one that the state machine makes.';
