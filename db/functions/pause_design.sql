create or replace function api.pause_design(p_design bigint)
returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_design constant core.design_states := core.running_design(p_design);
begin
  if v_design.paused then
    return false;
  end if;
  perform core.pause(v_design), core.ring_front_ends(p_design);
  return true;
end $$;
revoke all on function api.pause_design(bigint) from public;
comment on function api.pause_design(bigint) is $$Let a design rest: work in hand is finished, what comes next waits until resume_design; messages are kept meanwhile.
p_design: number of the design.
Returns: whether it was going on.
Locks: the design's row, then its task's, then its candidates'.
Raises: PB006, PB010.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
terminal=> select pause_design(1), pause_design(1);
t | f
client_manager=> select task_id from claim_task();$$;
