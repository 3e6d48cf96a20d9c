-- ring_bell: wake the sleepers of an agent, if there may be one (see core.all_awake), unless a ring is in flight.
-- Advisory class 79 is that ring.  Whoever shares the barrier and sees one need not ring: the sleeper that it wakes waits at
-- the barrier for all who share it, before it sleeps again.  Only a transaction that ends with its statement silences others
-- so, for it cannot be rolled back any more and take its ring along; and for 10 ms at a time, should the statement be long.
-- Locks: advisory only, never waits.
create or replace function core.ring_bell(p_agent name)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_key constant int := hashtext(p_agent::text);
  v_moment constant bigint := extract(epoch from core.now()) * 100;
begin
  if core.all_awake(v_key) then
    return;
  elsif statement_timestamp() = transaction_timestamp() and pg_try_advisory_xact_lock_shared(77, v_key)
        and not pg_try_advisory_xact_lock(79, hashtext(p_agent || ' ' || v_moment)) then
    return;
  end if;
  perform pg_notify('task_' || p_agent, '');
end $$;
revoke all on function core.ring_bell(name) from public;
comment on function core.ring_bell(name) is 'Wake a sleeper of the agent; costs no NOTIFY while nobody sleeps or a ring is in flight.';
