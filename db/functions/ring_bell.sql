-- ring_bell: wake the sleepers of an agent, if there may be one (two-key barrier).
-- Class 77 is the barrier: enqueuers share it until their commit is visible.  Class 78 is presence: sleepers share it.
-- Class 79: a ring is in flight; whoever sees one need not ring, for the sleeper it wakes waits at the barrier for all who
-- were in flight then, before it sleeps again.  A key for every 10 ms, so that a transaction left open silences nobody.
-- A ringer that rolls back takes its ring along; what it silenced meanwhile is found by the next poll.
-- Locks: advisory only, never waits.
create or replace function core.ring_bell(p_agent name)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_key constant int := hashtext(p_agent::text);
begin
  if pg_try_advisory_xact_lock_shared(77, v_key) then
    if pg_try_advisory_lock(78, v_key) then
      perform pg_advisory_unlock(78, v_key);  -- nobody is asleep or falling asleep
      return;
    elsif not pg_try_advisory_xact_lock(79, (hashtextextended(p_agent::text, (extract(epoch from core.now()) * 100)::bigint))::bit(32)::int) then
      return;
    end if;
  end if;
  perform pg_notify('task_' || p_agent, '');
end $$;
revoke all on function core.ring_bell(name) from public;
comment on function core.ring_bell(name) is 'Wake a sleeper of the agent; costs no NOTIFY while nobody sleeps or a ring is in flight.';
