-- promote_tasks: what any claimer does for all: scheduled work whose time has come and leases that ran out go back to
-- ready; what has no attempt left becomes a dead letter.
-- Locks: the rows it moves, skipping locked ones.
create or replace function core.promote_tasks(p_agent name)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_task core.tasks;
begin
  update core.tasks t set state = 'ready', position = nextval('core.task_position_seq')
   where t.ctid = any (array(select s.ctid from core.tasks s
           where s.agent = p_agent and s.state = 'scheduled' and s.run_at <= core.now() limit 100 for update skip locked));
  for v_task in
    select t.* from core.tasks t where t.state = 'working' and t.lease_until < core.now() limit 100
  loop
    perform core.reclaim_task(v_task, 'the worker fell silent');
  end loop;
end $$;
revoke all on function core.promote_tasks(name) from public;
comment on function core.promote_tasks(name) is 'Scheduled and abandoned work becomes ready, or a dead letter.';
