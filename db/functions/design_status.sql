create or replace function api.design_status(p_design bigint)
returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  d constant core.design_states := core.design_of_caller(p_design);
begin
  return jsonb_build_object(
    'design', d.state_id, 'title', coalesce(d.state_description, 'board'), 'state', d.state,
    'attempt', d.attempt, 'attempt_limit', d.attempt_limit, 'progress', d.progress,
    'elapsed_s', extract(epoch from coalesce(d.finished_at, core.now()) - d.created_at),
    'finished', d.finished_at is not null, 'paused', d.paused, 'error', d.error, 'requirement', d.requirement,
    'actions', core.open_actions(d), 'place', (select p.place from core.places p where p.place_id = d.place_id),
    'checks', (select s.checks from core.design_scripts s where s.script_id = core.best_script_id(p_design)));
end $$;
revoke all on function api.design_status(bigint) from public;
comment on function api.design_status(bigint) is $$Where a design stands, for people who wait.
p_design: number of the design.
Returns: {design, title, state, attempt, attempt_limit, progress, elapsed_s (seconds), finished, paused, error, requirement, actions, place, checks}; actions are what its user may do now, of approve, change, default, say, pause, resume and cancel; place is where it is talked about, null when nobody is written to.
Raises: PB006.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
terminal=> select s ->> 'state', s ->> 'attempt', s ->> 'finished' from design_status(1) s;
briefing | 0 | false
terminal=> select design_status(1) -> 'actions';
["say", "pause", "cancel"]
discord_bot=> select design_status(1);
PB006: there is no design 1 of yours$$;
