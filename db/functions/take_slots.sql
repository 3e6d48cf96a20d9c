-- take_slots: slots of a limited agent that nobody uses, at most p_count.   The caller's until it commits: whoever holds
-- a slot's advisory lock (class 81) may fill it, and whether it is filled is asked after the lock was taken.
create or replace function core.take_slots(p_me core.agents, p_count int)
returns smallint[] language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_taken smallint[] := '{}';
  v_slot smallint;
begin
  for v_slot in 1 .. p_me.slots loop
    exit when cardinality(v_taken) >= p_count;
    if pg_try_advisory_xact_lock(81, hashtext(p_me.name || ' ' || v_slot))
       and not exists (select from core.tasks t where t.agent = p_me.name and t.slot = v_slot) then
      v_taken := v_taken || v_slot;
    end if;
  end loop;
  return v_taken;
end $$;
revoke all on function core.take_slots(core.agents, int) from public;
comment on function core.take_slots(core.agents, int) is 'Free slots of a limited agent, the caller''s until it commits.';
