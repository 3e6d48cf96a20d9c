-- It waits for enqueuers in flight, but not for one that keeps its transaction open: that one's task is found by the
-- next poll.
create or replace function api.prepare_sleep()
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set lock_timeout = '500ms' as $$
declare
  v_me constant name := (core.working_agent()).name;
  v_key constant int := hashtext(v_me::text);
  v_bell constant regclass := format('core.%I', 'bell_' || v_me)::regclass;
begin
  perform set_config('synchronous_commit', 'off', true);  -- nothing here need outlive a crash
  perform pg_advisory_lock_shared(78, v_key);
  if pg_sequence_last_value(v_bell) is distinct from 1 then
    perform setval(v_bell, 1);  -- somebody sleeps for whom nobody has rung
  end if;
  begin
    perform pg_advisory_lock(77, v_key);
    perform pg_advisory_unlock(77, v_key);
  exception when lock_not_available then
    null;  -- awake and polling is better than waiting for a stranger's commit
  end;
end $$;
revoke all on function api.prepare_sleep() from public;
comment on function api.prepare_sleep() is $$Announce that the caller is about to sleep; it claims once more, waits for the ring task_<agent>, and then says get_up.
Locks: for the session its presence, shared; for a moment, and at most 500 ms, it waits for enqueuers in flight.
Raises: PB002.
Example:
kicad=> select prepare_sleep();
kicad=> select task_id from claim_task();
kicad=> select get_up();$$;
