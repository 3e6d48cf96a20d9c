create or replace function api.state_machine()
returns table (from_state text, outcome text, attempts_left boolean, to_state text, next_agent name)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select t.from_state, t.outcome, t.attempts_left, t.to_state, t.next_agent
    from core.transitions t order by t.from_state, t.outcome, t.attempts_left desc nulls first
$$;
revoke all on function api.state_machine() from public;
comment on function api.state_machine() is $$The transitions of a design as rows: from which state which outcome leads where, and which agent works next. state_diagram draws the same.
Returns: attempts_left is null where it makes no difference; next_agent where nobody works, but the user is waited for or the design has ended.
Raises: nothing
Example:
pcb_designer=> select * from state_machine() where from_state = 'building' and outcome = 'rejected';
building | rejected | t | designing | pcb_designer
building | rejected | f | failed | $$;
