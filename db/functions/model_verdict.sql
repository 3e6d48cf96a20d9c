-- model_verdict: what is to be done about a call that failed.  What is bounded is counted over the whole life of the task.
create or replace function core.model_verdict(p_task core.tasks, p_problem text, p_status int)
returns text language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare
  v_before bigint;
  v_allowed int;
  v_verdict constant text := case
    when p_task.agent = 'pcb_tester' then 'give_up'  -- its model only explains what the gates have decided: it does without
    when p_problem in ('timeout', 'connection') then 'later'
    when p_problem <> 'http' then 'again'
    when p_status = 402 then 'paused'
    when p_status in (413, 422) then 'shorten'
    when p_status in (408, 425, 429) or p_status between 500 and 599 then 'later'
    else 'over' end;
begin
  if v_verdict in ('again', 'shorten') then
    v_allowed := case v_verdict when 'shorten' then 2 else core.setting('model_repairs')::int end;
    select count(*) into v_before from core.model_calls c where c.task_id = p_task.task_id and c.verdict = v_verdict;
    if v_before >= v_allowed then
      -- a designer's attempt without a script is an attempt all the same: the next one may do better
      return case when v_verdict = 'again' and p_task.agent = 'pcb_designer' then 'give_up' else 'over' end;
    end if;
  end if;
  return v_verdict;
end $$;
revoke all on function core.model_verdict(core.tasks, text, int) from public;
comment on function core.model_verdict(core.tasks, text, int) is 'shorten, again, later, paused, over or give_up.';
