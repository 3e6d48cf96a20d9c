create or replace function api.state_diagram()
returns text language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select E'stateDiagram-v2\n    [*] --> briefing\n'
      || string_agg(format(E'    %s --> %s: %s%s\n', t.from_state, t.to_state, t.outcome,
                           case t.attempts_left when true then ', attempts left' when false then ', no attempt left' else '' end), ''
                    order by s.first, t.outcome, t.attempts_left desc nulls first)
      || (select string_agg(format(E'    %s --> [*]\n', f.state), '' order by f.state) from core.states f where f.final)
    from core.transitions t
    join (select x.from_state, min(array_position(array['briefing', 'awaiting_user', 'designing', 'comparing', 'building', 'testing'], x.from_state)) as first
            from core.transitions x group by 1) s using (from_state)
   where t.outcome not in ('cancelled', 'dead_lettered')  -- from every state that is not final
$$;
revoke all on function api.state_diagram() from public;
comment on function api.state_diagram() is $$The states of a design and their transitions as a mermaid diagram, drawn from the table that drives them.
Raises: nothing
Example:
monitor=> select split_part(state_diagram(), E'\n', 1);
stateDiagram-v2$$;
