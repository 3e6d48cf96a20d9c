-- is_first_of_key: whether a task of this FIFO key that comes now may run at once; locks the key.
create or replace function core.is_first_of_key(p_agent name, p_fifo_key text)
returns boolean language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  perform core.lock_fifo_key(p_agent, p_fifo_key);
  return not exists (  -- a snapshot of its own, taken after the lock
    select from core.tasks t where t.agent = p_agent and t.fifo_key = p_fifo_key and t.state <> 'blocked');
end $$;
revoke all on function core.is_first_of_key(name, text) from public;
comment on function core.is_first_of_key(name, text) is 'Whether no task of a FIFO key is at work or about to be.';
