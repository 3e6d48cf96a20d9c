-- claim_task: lease the next runnable task of the calling agent.
-- Locks: the task row only, skipping locked ones.   Raises: PB002 unknown agent.
create or replace function api.claim_task(p_lease interval default '60 s', p_worker text default null)
returns setof core.claimed_task language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  return query select * from api.claim_tasks(1, p_lease, p_worker);
end $$;
revoke all on function api.claim_task(interval, text) from public;
comment on function api.claim_task(interval, text) is 'Lease the next runnable task of the calling agent; no row when idle.';
