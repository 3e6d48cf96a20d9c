-- status_line: where a design stands, in a line.
create or replace function core.status_line(p_design core.design_states)
returns text language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return format('Design %s, %s: %s', p_design.state_id, coalesce(p_design.state_description, 'board'), core.stage(p_design.state))
    || case when p_design.attempt > 0 then format(', attempt %s of %s', p_design.attempt, p_design.attempt_limit) else '' end
    || case when p_design.paused then ', paused' else '' end
    || coalesce(': ' || coalesce(p_design.error, p_design.progress), '');
end $$;
revoke all on function core.status_line(core.design_states) from public;
comment on function core.status_line(core.design_states) is 'Where a design stands, in a line.';
