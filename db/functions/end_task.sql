-- end_task: move a task from the live table to history; the next of its FIFO key becomes ready.
-- The caller holds the row lock, and the key's before it.
create or replace function core.end_task(p_task core.tasks, p_outcome core.task_outcome, p_result jsonb, p_error text default null)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  if current_setting('synchronous_commit') = 'off' then
    perform core.commit_durably();
  end if;
  delete from core.tasks t where t.task_id = p_task.task_id;
  insert into core.task_history (task_id, agent, state_id, attempt, lease_token, outcome, result, error, payload, enqueued_at)
  values (p_task.task_id, p_task.agent, p_task.state_id, p_task.attempt, p_task.lease_token, p_outcome, p_result,
          left(p_error, 4000), p_task.payload, p_task.enqueued_at);
  if p_task.fifo_key is not null then
    perform core.unblock_next(p_task.agent, p_task.fifo_key);
  end if;
end $$;
revoke all on function core.end_task(core.tasks, core.task_outcome, jsonb, text) from public;
comment on function core.end_task(core.tasks, core.task_outcome, jsonb, text) is 'The task has ended: done, dead or cancelled.';
