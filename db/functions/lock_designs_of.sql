-- lock_designs_of: lock every design of a user, by which their candidates and tasks are the caller's, too (lock_design).
-- Somebody who completes several tasks at once takes designs in the order of the tasks and may wait for one of these: so
-- nobody is waited for longer than for a moment with other designs in hand, and whoever waits for them goes first.
-- The caller holds the user's row.   Locks: the designs' rows.
create or replace function core.lock_designs_of(p_user_id bigint)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp set lock_timeout = '200ms' as $$
begin
  loop
    begin
      perform from core.design_states d where d.user_id = p_user_id and d.candidate_of is null order by d.state_id for no key update;
      return;
    exception when lock_not_available then
      null;  -- what was locked is free again
    end;
  end loop;
end $$;
revoke all on function core.lock_designs_of(bigint) from public;
comment on function core.lock_designs_of(bigint) is 'Lock every design of a user, without a deadlock.';
