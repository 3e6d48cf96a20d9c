create or replace function api.fail_model_call(
  p_task_id bigint, p_token uuid, p_call_id bigint, p_problem text, p_status int default null, p_retry_after_s float8 default null,
  p_message text default null, p_latency_s float8 default 0)
returns text language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  v_task core.tasks;
  v_call core.model_calls;
  v_verdict text;
  v_error text;
begin
  if p_status = 402 then
    perform from core.agents a where a.name = (core.caller()).role for no key update;  -- first, as retire_agent does
  end if;
  v_task := core.held_task(p_task_id, p_token);
  v_call := core.call_in_hand(v_task, p_call_id);
  if v_call.verdict is not null then
    return v_call.verdict;  -- said twice
  elsif (p_problem in ('http', 'timeout', 'connection', 'empty', 'truncated', 'too_large', 'bad_schema', 'no_script')
         and (p_problem = 'http') = (p_status is not null) and coalesce(p_latency_s, 0) between 0 and 1e9) is not true then
    raise exception 'a problem is http with its status, timeout, connection, empty, truncated, too_large, bad_schema or no_script'
      using errcode = 'PB042';
  end if;
  v_verdict := case when v_task.cancelled then 'over' else core.model_verdict(v_task, p_problem, p_status) end;
  v_error := core.model_trouble(v_task.agent, v_call.model, p_problem, p_status, p_message);
  case v_verdict
    when 'later'  then v_verdict := core.put_off_task(v_task, v_error, p_retry_after_s);
    when 'paused' then perform core.pause_for_payment(v_task);
    when 'over'   then perform core.give_back(v_task, v_error, false);
    else null;  -- the task stays the worker's
  end case;
  update core.model_calls c
     set status = 'failed', problem = p_problem, http_status = p_status, verdict = v_verdict,
         latency_s = case c.status when 'open' then coalesce(p_latency_s, 0) else c.latency_s end
   where c.call_id = p_call_id;
  update core.model_exchanges x set complaint = left(p_message, 4000) where x.call_id = p_call_id;
  return v_verdict;
end $$;
revoke all on function api.fail_model_call(bigint, uuid, bigint, text, int, float8, text, float8) from public;
comment on function api.fail_model_call(bigint, uuid, bigint, text, int, float8, text, float8) is $$The model gave no answer, or one of no use: keep why, and learn what to do. After later, paused and over the task is no longer the caller's.
p_task_id: number of the task, as claimed.
p_token: its token, as claimed.
p_call_id: number of the call, open or answered; of an answered one the tokens and the cost stay.
p_problem: http, timeout, connection, empty, truncated, too_large, bad_schema or no_script.
p_status: status of an HTTP error; null for every other problem.
p_retry_after_s: seconds that the server asked to wait; null when it did not.
p_message: the server's or the parser's words; the first 4000 characters are kept.
p_latency_s: seconds until it failed.
Returns: shorten (413, 422: cut the prompt and ask again, twice a task), again (the answer was of no use: ask once more with what was wrong, model_repairs times a task), give_up (for pcb_designer instead of again: deliver a rejected attempt; for pcb_tester always: do without), later (408, 425, 429, 5xx, timeout, connection: the task went back with backoff), paused (402: the agent is paused, the task went back untouched, the user was told), over (the task is a dead letter and its design failed with a sentence that says what to configure, or it was cancelled).
Locks: for 402 the agent's row; the design's row or the FIFO key, then the task's row.
Raises: PB001, PB042 for a call that is not this lease's, or a problem that is none.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
kicad=> select fail_model_call(task_id, lease_token, 1, 'timeout') from claim_task();
PB042: call 1 was not begun under this lease of task 1$$;
