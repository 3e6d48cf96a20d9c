-- claim_tasks: lease up to p_count runnable tasks of the calling agent, in order of priority and position.
-- Locks: the task rows only, skipping locked ones.   Raises: PB002 unknown agent.
-- The commit of a claim is asynchronous: one that a crash undoes is claimed again, and its worker gets PB001.
create or replace function api.claim_tasks(p_count int default 1, p_lease interval default '60 s', p_worker text default null)
returns setof core.claimed_task language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  v_me constant core.agents := core.working_agent();
  v_slot smallint;
begin
  if v_me.paused then
    return;
  elsif pg_current_xact_id_if_assigned() is null then
    perform set_config('synchronous_commit', 'off', true);
  end if;
  if v_me.slots is null then
    return query select * from core.lease_tasks(v_me, p_count, p_lease, p_worker, null);
    return;
  end if;
  foreach v_slot in array core.take_slots(v_me, p_count) loop
    return query select * from core.lease_tasks(v_me, 1, p_lease, p_worker, v_slot);
    exit when not found;
  end loop;
end $$;
revoke all on function api.claim_tasks(int, interval, text) from public;
comment on function api.claim_tasks(int, interval, text) is 'Lease the next runnable tasks of the calling agent; no row when idle.';
