-- put_off_task: the model service is busy: the task goes back with the queue's backoff, and not before the service said, an
-- hour at most, with 10 % jitter so that not all come back at once.   Returns 'later', or 'over' when no attempt is left.
-- The caller holds the design's and the task's rows.
create or replace function core.put_off_task(p_task core.tasks, p_error text, p_retry_after_s float8)
returns text language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_wait constant interval := make_interval(secs => least(3600, greatest(0, p_retry_after_s) * (1 + 0.1 * random())));
begin
  if core.give_back(p_task, p_error, true) <> 'retried' then
    return 'over';
  end if;
  update core.tasks t
     set run_at = greatest(t.run_at, core.now() + v_wait), state = core.waiting_state(t.state_id, greatest(t.run_at, core.now() + v_wait))
   where t.task_id = p_task.task_id;
  perform core.show_progress(p_task.state_id, 'the model is busy; it will be asked again');
  return 'later';
end $$;
revoke all on function core.put_off_task(core.tasks, text, float8) from public;
comment on function core.put_off_task(core.tasks, text, float8) is 'Give a task back, not before the model service said.';
