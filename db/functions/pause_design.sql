-- pause_design: work in hand is finished, what comes next waits until resume_design; messages are kept meanwhile.
-- Locks: the design's row, its task's.   Returns whether it was going on.   Raises: PB006, PB010 has ended.
create or replace function api.pause_design(p_design bigint)
returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_design constant core.design_states := core.running_design(p_design);
begin
  if v_design.paused then
    return false;
  end if;
  update core.design_states d set paused = true where d.state_id = p_design;
  update core.tasks t set state = 'blocked' where t.state_id = p_design and t.state <> 'working';
  perform core.record_event(p_design, v_design.state, 'paused', v_design.state), core.ring_front_ends(p_design);
  return true;
end $$;
revoke all on function api.pause_design(bigint) from public;
comment on function api.pause_design(bigint) is 'Let a design rest after the work in hand.';
