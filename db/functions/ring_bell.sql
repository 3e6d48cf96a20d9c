-- ring_bell: wake the sleepers of an agent, if there may be one (see core.all_awake) for whom nobody has rung yet.
-- The agent's bell holds 1 since somebody went to sleep, or the transaction of a ring since then.  Whoever shares the
-- barrier and sees that this one is committed need not ring: the sleepers that it wakes set the bell to 1 again and then
-- wait at the barrier for all who share it, before they sleep.  A ring that was rolled back, or may still be, does not count.
-- p_xid: xmin of a row that was written beside this call, by which a savepoint that is rolled back shows; null: others
-- ring, too.
-- Locks: advisory only, never waits.
create or replace function core.ring_bell(p_agent name, p_xid xid default null)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_key constant int := hashtext(p_agent::text);
  v_bell regclass;
  v_top bigint;
  v_rung bigint;
begin
  if core.all_awake(v_key) then
    return;
  elsif p_xid is not null and pg_try_advisory_xact_lock_shared(77, v_key) then
    v_bell := format('core.%I', 'bell_' || p_agent)::regclass;
    v_top := pg_current_xact_id()::text::bigint;
    v_rung := pg_sequence_last_value(v_bell);  -- after the barrier: who sets it to 1 later waits for us
    if v_rung between 2 and v_top and pg_xact_status(v_rung::text::xid8) = 'committed' then
      return;
    end if;
    v_rung := (v_top >> 32 << 32) + p_xid::text::bigint;  -- the row's is short, and not before our own
    perform setval(v_bell, v_rung + case when v_rung < v_top then 4294967296 else 0 end);
  end if;
  perform pg_notify('task_' || p_agent, '');
end $$;
revoke all on function core.ring_bell(name, xid) from public;
comment on function core.ring_bell(name, xid) is 'Wake a sleeper of the agent; costs no NOTIFY while nobody sleeps, or all who do have been rung for.';
