create or replace function api.replay_design(p_design bigint)
returns table (state text, attempt int, paused boolean, events int, agrees boolean, problem text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_row constant core.design_states := core.design_of_caller(p_design);
  v_event core.design_events;
begin
  attempt := 0; paused := false; events := 0;
  for v_event in select e.* from core.design_events e where e.state_id = p_design order by e.event_id loop
    events := events + 1;
    if v_event.from_state is distinct from state or not core.is_legal_event(v_event, paused, v_row.attempt_limit) then
      problem := coalesce(problem, format('event %s (%s) cannot follow %s%s', v_event.event_id, v_event.outcome, coalesce(state, 'nothing'),
                                          case when paused then ', paused' else '' end));
    end if;
    state := v_event.to_state;
    attempt := attempt + coalesce(core.is_attempt(v_event), false)::int;
    paused := case v_event.outcome when 'paused' then true when 'resumed' then false else paused end
              and not (select s.final from core.states s where s.state = v_event.to_state);
    if attempt <> v_event.attempt then
      problem := coalesce(problem, format('event %s says attempt %s, it is %s', v_event.event_id, v_event.attempt, attempt));
    end if;
  end loop;
  if (state, attempt, paused) is distinct from (v_row.state, v_row.attempt::int, v_row.paused) then
    problem := coalesce(problem, format('the design says %s, attempt %s, %s', v_row.state, v_row.attempt,
                                        case when v_row.paused then 'paused' else 'not paused' end));
  end if;
  agrees := problem is null;
  return next;
end $$;
revoke all on function api.replay_design(bigint) from public;
comment on function api.replay_design(bigint) is $$Rebuild a design's state from its events alone and compare it with its row.
p_design: number of the design.
Returns: one row; problem names the first event that no transition allows, or what differs.
Raises: PB006.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
terminal=> select state, attempt, events, agrees from replay_design(1);
briefing | 0 | 1 | t$$;
