-- is_attempt: whether an event made an attempt: a script was written, also one that its writer rejected, was forked, or was
-- taken over from a candidate.
create or replace function core.is_attempt(p_event core.design_events)
returns boolean language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select p_event.outcome in ('scripted', 'forked')
         or (p_event.from_state, p_event.outcome) in (('designing', 'rejected'), ('comparing', 'rejected'), ('comparing', 'passed'))
$$;
revoke all on function core.is_attempt(core.design_events) from public;
comment on function core.is_attempt(core.design_events) is 'Whether an event made an attempt.';
