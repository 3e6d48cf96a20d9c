-- resume_design: a paused design goes on where it was.
-- Locks: the design's row, its task's.   Returns whether it was paused.   Raises: PB006, PB010 has ended.
create or replace function api.resume_design(p_design bigint)
returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_design constant core.design_states := core.running_design(p_design);
  v_agent name;
begin
  if not v_design.paused then
    return false;
  end if;
  update core.design_states d set paused = false where d.state_id = p_design;
  update core.tasks t set state = core.waiting_state(p_design, t.run_at)
   where t.state_id = p_design and t.state = 'blocked' returning t.agent into v_agent;
  if found then
    perform core.ring_bell(v_agent);
  end if;
  perform core.record_event(p_design, v_design.state, 'resumed', v_design.state), core.ring_front_ends(p_design);
  return true;
end $$;
revoke all on function api.resume_design(bigint) from public;
comment on function api.resume_design(bigint) is 'Let a paused design go on.';
