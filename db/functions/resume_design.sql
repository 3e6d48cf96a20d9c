create or replace function api.resume_design(p_design bigint)
returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_design constant core.design_states := core.running_design(p_design);
begin
  if not v_design.paused then
    return false;
  end if;
  perform core.resume(v_design), core.ring_front_ends(p_design);
  return true;
end $$;
revoke all on function api.resume_design(bigint) from public;
comment on function api.resume_design(bigint) is $$A paused design goes on where it was.
p_design: number of the design.
Returns: whether it was paused.
Locks: the design's row, then its task's, then its candidates'.
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
