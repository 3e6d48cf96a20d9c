-- take_slot: a slot of a limited agent that nobody uses, or null.   The caller's until it commits: whoever holds a slot's
-- advisory lock (class 81) may fill it, and whether it is filled is asked after the lock was taken.
create or replace function core.take_slot(p_me core.agents)
returns smallint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  for v_slot in 1 .. p_me.slots loop
    continue when not pg_try_advisory_xact_lock(81, hashtext(p_me.name || ' ' || v_slot));
    if not exists (select from core.tasks t where t.agent = p_me.name and t.slot = v_slot) then  -- a snapshot of its own
      return v_slot;
    end if;
  end loop;
  return null;
end $$;
revoke all on function core.take_slot(core.agents) from public;
comment on function core.take_slot(core.agents) is 'A free slot of a limited agent, the caller''s until it commits.';
