-- status_content: where a design stands, as its status message shows it.
create or replace function core.status_content(p_state_id bigint)
returns jsonb language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare d core.design_states;
begin
  select s.* into d from core.design_states s where s.state_id = p_state_id;
  return jsonb_build_object(
    'design', d.state_id, 'title', coalesce(d.state_description, 'board'), 'state', d.state, 'paused', d.paused,
    'attempt', d.attempt, 'attempt_limit', d.attempt_limit, 'progress', d.progress,
    'elapsed_s', extract(epoch from coalesce(d.finished_at, core.now()) - d.created_at),
    'failed', case when d.state = 'resolved' then '[]' else (
      select coalesce(jsonb_agg(jsonb_build_object('code', e ->> 'code', 'place', e ->> 'place', 'measured', e ->> 'measured', 'required', e ->> 'required')), '[]')
        from jsonb_array_elements(core.last_report(core.last_script_id(p_state_id))) e) end,
    'finished', d.finished_at is not null,
    'buttons', case when d.finished_at is null then '["cancel"]' else '[]' end::jsonb);
end $$;
revoke all on function core.status_content(bigint) from public;
comment on function core.status_content(bigint) is 'Where a design stands, as its status message shows it.';
