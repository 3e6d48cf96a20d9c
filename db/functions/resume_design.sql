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
comment on function api.resume_design(bigint) is $$A paused design goes on where it was.
p_design: number of the design.
Returns: whether it was paused.
Locks: the design's row, then its task's.
Raises: PB006, PB010.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
terminal=> select pause_design(1);
t
terminal=> select resume_design(1);
t
client_manager=> select payload from claim_task();
{"design": 1}$$;
