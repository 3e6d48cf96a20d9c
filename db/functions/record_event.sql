-- record_event: one row of history; role and time are the database's own.
create or replace function core.record_event(p_state_id bigint, p_from text, p_outcome text, p_to text, p_task core.tasks default null)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  insert into core.design_events (state_id, from_state, outcome, to_state, attempt, actor, task_id, lease_token)
  select p_state_id, p_from, p_outcome, p_to, d.attempt, (core.caller()).role, (p_task).task_id, (p_task).lease_token
    from core.design_states d where d.state_id = p_state_id;
end $$;
revoke all on function core.record_event(bigint, text, text, text, core.tasks) from public;
comment on function core.record_event(bigint, text, text, text, core.tasks) is 'Append a move to design_events.';
