-- lease_tasks: the claim itself: the first ready rows of each priority, largest first, from the low-water mark on.
-- The marks (mas.low_<priority>, one a session) keep a claim from walking what was claimed before it and cannot be
-- vacuumed yet; core.look_around draws them anew.  A session that forges its own marks hides work from itself only.
-- By ctid: joined on task_id the generic plan becomes a hash join over the whole table when dead rows pile up.
create or replace function core.lease_tasks(p_me core.agents, p_count int, p_lease interval, p_worker text, p_slot smallint)
returns setof core.claimed_task language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_now constant timestamptz := core.now();
  v_looked boolean := core.look_is_due(p_me.name, v_now, 'mas.busy_look');
begin
  if v_looked then
    perform core.look_around(p_me);
  end if;
  loop
    return query
      with claimed as (
        update core.tasks t
           set state = 'working', attempt = t.attempt + 1, lease_until = v_now + p_lease, lease_token = gen_random_uuid(),
               worker = p_worker, slot = p_slot
         where t.ctid = any (array(
                 select r.ctid from unnest(p_me.priorities) p (priority) cross join lateral (
                   select r.ctid from core.tasks r
                    where r.agent = p_me.name and r.priority = p.priority and r.state = 'ready'
                      and r.position >= current_setting('mas.low_' || p.priority + 32768)::bigint
                    order by r.position limit p_count for update skip locked) r
                  limit p_count))
        returning t.task_id, t.lease_token, t.attempt, t.payload, t.priority, t.position)
      select c.task_id, c.lease_token, c.attempt, c.payload::jsonb
        from (select * from claimed order by priority desc, position) c
       where set_config('mas.low_' || c.priority + 32768, c.position::text, false) is not null;
    exit when found or v_looked or not core.look_is_due(p_me.name, v_now, 'mas.idle_look');
    perform core.look_around(p_me);
    v_looked := true;
  end loop;
end $$;
revoke all on function core.lease_tasks(core.agents, int, interval, text, smallint) from public;
comment on function core.lease_tasks(core.agents, int, interval, text, smallint) is 'Lease ready tasks of an agent, into a slot if it has a limit.';
