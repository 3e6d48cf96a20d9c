-- all_awake: whether nobody sleeps or is falling asleep behind this key (two-key barrier); never waits, writes nothing.
-- Class 77 is the barrier: enqueuers share it until their commit is visible, and whoever falls asleep waits for them.
-- Class 78 is presence: sleepers share it.  Without a setting of its own, so that a call of it is inlined.
create or replace function core.all_awake(p_key int)
returns boolean language sql volatile as $$
  select case when not pg_catalog.pg_try_advisory_xact_lock_shared(77, p_key) then false
              when not pg_catalog.pg_try_advisory_lock(78, p_key) then false
              else pg_catalog.pg_advisory_unlock(78, p_key) end
$$;
revoke all on function core.all_awake(int) from public;
comment on function core.all_awake(int) is 'Whether nobody behind the key sleeps or is falling asleep.';
