-- waiting_state: how a task that is not worked on waits: blocked while its design is paused, scheduled until its time.
create or replace function core.waiting_state(p_state_id bigint, p_run_at timestamptz default '-infinity')
returns core.task_state language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  if p_state_id is not null and (select d.paused from core.design_states d where d.state_id = p_state_id) then
    return 'blocked';
  end if;
  return case when p_run_at > core.now() then 'scheduled' else 'ready' end;
end $$;
revoke all on function core.waiting_state(bigint, timestamptz) from public;
comment on function core.waiting_state(bigint, timestamptz) is 'ready, scheduled, or blocked while the design is paused.';
