-- ring_bell: wake the sleepers of an agent, if there may be one (see core.all_awake) who has not been rung for already.
-- The agent's bell is odd while somebody has gone to sleep since the last ring.  Whoever shares the barrier and sees it even
-- need not ring: the sleepers that the last ring wakes make it odd again and then wait at the barrier for all who share it,
-- before they sleep.  Only a transaction that ends with its statement makes it even, for it cannot be rolled back any more
-- and take its ring along; where its statement fails all the same, or is long, the sleepers' next poll makes the bell odd.
-- Locks: advisory only, never waits.
create or replace function core.ring_bell(p_agent name)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_key constant int := hashtext(p_agent::text);
  v_bell constant regclass := format('core.%I', 'bell_' || p_agent)::regclass;
  v_rung bigint;
begin
  if core.all_awake(v_key) then
    return;
  elsif pg_try_advisory_xact_lock_shared(77, v_key) then
    v_rung := pg_sequence_last_value(v_bell);  -- after the barrier: who makes it odd later waits for us
    if v_rung % 2 = 0 then
      return;
    elsif statement_timestamp() = transaction_timestamp() then
      perform setval(v_bell, v_rung + 1);
    end if;
  end if;
  perform pg_notify('task_' || p_agent, '');
end $$;
revoke all on function core.ring_bell(name) from public;
comment on function core.ring_bell(name) is 'Wake a sleeper of the agent; costs no NOTIFY while nobody sleeps, or all who do have been rung for.';
