-- prepare_sleep: after an empty claim; then claim once more, then wait for the bell, then get_up.
-- Locks: presence (shared, session) and, for a moment, the barrier: waits for enqueuers in flight, but not for one that
-- keeps its transaction open; its task is then found by the next poll.
create or replace function api.prepare_sleep()
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set lock_timeout = '500ms' as $$
declare v_key constant int := hashtext((core.working_agent()).name::text);
begin
  perform pg_advisory_lock_shared(78, v_key);
  begin
    perform pg_advisory_lock(77, v_key);
    perform pg_advisory_unlock(77, v_key);
  exception when lock_not_available then
    null;  -- awake and polling is better than waiting for a stranger's commit
  end;
end $$;
revoke all on function api.prepare_sleep() from public;
comment on function api.prepare_sleep() is 'Announce that the caller is about to sleep; claim once more before waiting.';
