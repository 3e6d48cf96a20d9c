-- lock_fifo_key: one transaction at a time changes who is first of a FIFO key (advisory class 80).
-- p_wait false: returns false instead of waiting.
create or replace function core.lock_fifo_key(p_agent name, p_fifo_key text, p_wait boolean default true)
returns boolean language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_lock constant int := hashtext(p_agent || ' ' || p_fifo_key);
begin
  if p_wait then
    perform pg_advisory_xact_lock(80, v_lock);
    return true;
  end if;
  return pg_try_advisory_xact_lock(80, v_lock);
end $$;
revoke all on function core.lock_fifo_key(name, text, boolean) from public;
comment on function core.lock_fifo_key(name, text, boolean) is 'Lock a FIFO key until the end of the transaction.';
