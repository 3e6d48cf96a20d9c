-- ring_bell: wake a sleeper of the agent, if there may be one (two-key barrier).
-- Class 77 is the barrier: enqueuers share it until their commit is visible.  Class 78 is presence: sleepers share it.
-- Locks: advisory only, never waits.
create or replace function core.ring_bell(p_agent name)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_key constant int := hashtext(p_agent::text);
begin
  if pg_try_advisory_xact_lock_shared(77, v_key) and pg_try_advisory_lock(78, v_key) then
    perform pg_advisory_unlock(78, v_key);  -- nobody is asleep or falling asleep
  else
    perform pg_notify('task_' || p_agent, '');
  end if;
end $$;
revoke all on function core.ring_bell(name) from public;
comment on function core.ring_bell(name) is 'Wake a sleeper of the agent; costs no NOTIFY while nobody sleeps.';
