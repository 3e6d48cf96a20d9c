-- give_back: a task that was not finished is tried again after a backoff, or becomes a dead letter or is cancelled.
-- Backoff: 1 s · 2^(attempt-1), at most 60 s, with 50 % jitter, so that many failures do not come back at once.
-- The caller holds the task's row lock.   Returns 'retried', 'dead' or 'cancelled'.
create or replace function core.give_back(p_task core.tasks, p_error text, p_retry boolean)
returns text language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_run_at constant timestamptz := core.now() + least(60, power(2, p_task.attempt - 1)) * (0.5 + 0.5 * random()) * interval '1 s';
begin
  if p_task.cancelled then
    perform core.end_task(p_task, 'cancelled', null, p_error);
    return 'cancelled';
  elsif p_retry and p_task.attempt < p_task.attempt_limit then
    update core.tasks t
       set state = core.waiting_state(p_task.state_id, v_run_at), run_at = v_run_at, lease_token = null, lease_until = null, worker = null, slot = null,
           last_error = left(p_error, 4000), position = nextval('core.task_position_seq')
     where t.task_id = p_task.task_id;
    return 'retried';
  end if;
  perform core.end_task(p_task, 'dead', null, p_error);
  if p_task.state_id is not null then
    perform core.move_design(p_task.state_id, 'dead_lettered', p_task, p_error);
  end if;
  return 'dead';
end $$;
revoke all on function core.give_back(core.tasks, text, boolean) from public;
comment on function core.give_back(core.tasks, text, boolean) is 'Retry with backoff, or dead-letter (its design then fails with the error).';
