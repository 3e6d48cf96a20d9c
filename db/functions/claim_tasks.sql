-- claim_tasks: lease up to p_count runnable tasks of the calling agent, in order of priority and position.
-- Locks: the task rows only, skipping locked ones.   Raises: PB002 unknown agent.
-- By ctid: joined on task_id the generic plan becomes a hash join over the whole table when dead rows pile up.
create or replace function api.claim_tasks(p_count int default 1, p_lease interval default '60 s', p_worker text default null)
returns setof core.claimed_task language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_me constant core.agents := core.working_agent();
begin
  if v_me.paused then
    return;
  end if;
  perform core.promote_tasks(v_me.name);
  return query
    update core.tasks t
       set state = 'working', attempt = t.attempt + 1, lease_until = core.now() + p_lease,
           lease_token = gen_random_uuid(), worker = p_worker
     where t.ctid = any (array(
             select r.ctid from core.tasks r where r.agent = v_me.name and r.state = 'ready'
              order by r.priority desc, r.position limit p_count for update skip locked))
    returning t.task_id, t.lease_token, t.attempt, t.payload;
end $$;
revoke all on function api.claim_tasks(int, interval, text) from public;
comment on function api.claim_tasks(int, interval, text) is 'Lease the next runnable tasks of the calling agent; no row when idle.';
