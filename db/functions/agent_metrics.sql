-- The front of each agent's queue is found by the claim's own index, one look for each priority that waits; so it costs the same however
-- much waits.  Of priorities and of dead letters not more are looked at than the limits say.
create or replace function api.agent_metrics()
returns table (agent name, paused int, asleep bigint, working bigint, overdue bigint, ready_age_s double precision, dead_letters bigint)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  with recursive priorities as (
    (select t.priority from core.tasks t where t.state = 'ready' order by t.priority limit 1)
    union all
    select (select t.priority from core.tasks t where t.state = 'ready' and t.priority > p.priority order by t.priority limit 1)
      from priorities p where p.priority is not null
  ), fronts as (
    select a.name as agent, min(f.enqueued_at) as enqueued_at
      from core.agents a cross join (select * from priorities limit 100) p
      cross join lateral (select t.enqueued_at from core.tasks t
                           where t.state = 'ready' and t.priority = p.priority and t.agent = a.name order by t.position limit 1) f
     group by a.name
  ), dead as (
    select d.agent, count(*) as tasks
      from (select h.agent, h.finished_at from core.task_history h where h.outcome = 'dead' order by h.task_id desc limit 10000) d
     where d.finished_at > core.now() - interval '1 hour' group by d.agent
  ), late as (
    select t.agent, count(*) as tasks from core.tasks t where t.state = 'working' and t.lease_until < core.now() - interval '5 s' group by t.agent
  )
  select l.agent, l.paused::int, l.asleep, l.working, coalesce(o.tasks, 0),
         coalesce(extract(epoch from core.now() - f.enqueued_at)::double precision, 0), coalesce(d.tasks, 0)
    from api.agents_alive l
    left join fronts f on f.agent = l.agent left join dead d on d.agent = l.agent left join late o on o.agent = l.agent
   order by l.agent
$$;
revoke all on function api.agent_metrics() from public;
comment on function api.agent_metrics() is $$For monitoring, every few seconds: is each agent there, how long has its next task been waiting, what went wrong.
Returns: agent; paused, 1 or 0; asleep and working, processes that wait and tasks under a lease that holds (both 0: nobody is there); overdue, tasks whose lease ended 5 s ago; ready_age_s, seconds that what is claimed next has been waiting; dead_letters of the last hour, among the last 10,000.
Locks: nothing
Raises: nothing
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
monitor=> select agent, asleep, working, overdue, dead_letters from agent_metrics() where agent = 'kicad';
kicad | 0 | 0 | 0 | 0$$;
