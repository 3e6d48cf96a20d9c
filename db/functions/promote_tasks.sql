-- promote_tasks: what any claimer does for all: scheduled work whose time has come becomes ready, leases that ran out
-- are given back, what is past its deadline is a dead letter, recurring tasks are enqueued, old history is dropped.
-- Locks: the rows it moves, skipping locked ones.
create or replace function core.promote_tasks(p_now timestamptz)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_agent name;
  v_task core.tasks;
begin
  for v_agent in
    with promoted as (
      update core.tasks t set state = 'ready', position = nextval('core.task_position_seq')
       where t.ctid = any (array(
               select s.ctid from core.tasks s where s.state = 'scheduled' and s.run_at <= p_now
                order by s.run_at limit 1000 for update skip locked))
      returning t.agent)
    select distinct p.agent from promoted p
  loop
    perform core.ring_bell(v_agent);
  end loop;
  for v_task in select t.* from core.tasks t where t.state = 'working' and t.lease_until < p_now order by t.lease_until limit 100 loop
    perform core.reclaim_task(v_task, 'the worker fell silent');
  end loop;
  for v_task in select t.* from core.tasks t where t.deadline < p_now order by t.deadline limit 100 loop
    perform core.expire_task(v_task);
  end loop;
  perform core.run_schedule(s.name, p_now) from core.schedules s where s.next_at <= p_now;
  if exists (select from core.maintenance m where m.next_at <= p_now) then
    perform core.maintain();
  end if;
end $$;
revoke all on function core.promote_tasks(timestamptz) from public;
comment on function core.promote_tasks(timestamptz) is 'Scheduled, abandoned, overdue and recurring work moves on.';
