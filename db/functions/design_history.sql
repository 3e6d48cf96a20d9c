create or replace function api.design_history(p_design bigint)
returns table (happened_at timestamptz, actor name, from_state text, outcome text, to_state text, attempt smallint, codes text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform core.design_of_caller(p_design);
  return query
    select e.happened_at, e.actor, e.from_state, e.outcome, e.to_state, e.attempt,
           case when e.outcome = 'rejected' then (
             select string_agg(x ->> 'code', ', ') from core.design_scripts s join core.error_reports r using (script_id),
                    jsonb_array_elements(r.error_analysis) x
              where s.state_id = p_design and s.attempt_number = e.attempt and (r.agent = e.actor or e.from_state = 'comparing')) end
      from core.design_events e where e.state_id = p_design order by e.event_id;
end $$;
revoke all on function api.design_history(bigint) from public;
comment on function api.design_history(bigint) is $$Every move of a design with what the reports said, oldest first.
p_design: number of the design.
Raises: PB006.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
terminal=> select actor, outcome, to_state from design_history(1);
terminal | received | briefing$$;
