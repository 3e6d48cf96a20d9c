-- unblock_next: when the first of a FIFO key has ended, the next one may run; it keeps its place in the queue.
-- The caller holds the key's lock.
create or replace function core.unblock_next(p_agent name, p_fifo_key text)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  update core.tasks t
     set state = case when t.run_at > core.now() then 'scheduled' else 'ready' end::core.task_state
   where t.task_id = (select n.task_id from core.tasks n
                       where n.agent = p_agent and n.fifo_key = p_fifo_key and n.state = 'blocked' order by n.position limit 1)
     and not exists (select from core.tasks f where f.agent = p_agent and f.fifo_key = p_fifo_key and f.state <> 'blocked');
  if found then
    perform core.ring_bell(p_agent);
  end if;
end $$;
revoke all on function core.unblock_next(name, text) from public;
comment on function core.unblock_next(name, text) is 'Let the next task of a FIFO key run.';
