create or replace function api.end_model_call(
  p_task_id bigint, p_token uuid, p_call_id bigint, p_answer text, p_prompt_tokens int, p_completion_tokens int, p_latency_s float8)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_task constant core.tasks := core.held_task(p_task_id, p_token);
  v_call constant core.model_calls := core.call_in_hand(v_task, p_call_id);
  v_model jsonb;
begin
  if octet_length(p_answer) > 1048576 then
    raise exception 'the answer has % bytes, 1048576 are allowed', octet_length(p_answer) using errcode = 'PB003';
  elsif p_answer is null or v_call.status = 'failed' or p_prompt_tokens < 0 or p_completion_tokens < 0
        or (p_latency_s >= 0 and p_latency_s < 'infinity') is not true then
    raise exception 'call % is open, has an answer, and tokens and seconds from 0', p_call_id using errcode = 'PB042';
  elsif v_call.status = 'answered' then
    return;  -- said twice
  end if;
  select a.model into v_model from core.agents a where a.name = v_task.agent;
  v_model := core.complete_model(v_model);
  update core.model_calls c
     set status = 'answered', prompt_tokens = coalesce(p_prompt_tokens, 0), completion_tokens = coalesce(p_completion_tokens, 0),
         latency_s = p_latency_s,
         cost = case when c.recorded then 0
                     else least(999999, (coalesce(p_prompt_tokens, 0) * (v_model ->> 'price_in')::numeric
                                         + coalesce(p_completion_tokens, 0) * (v_model ->> 'price_out')::numeric) / 1000000) end
   where c.call_id = p_call_id;
  update core.model_exchanges x set answer = p_answer where x.call_id = p_call_id;
end $$;
revoke all on function api.end_model_call(bigint, uuid, bigint, text, int, int, float8) from public;
comment on function api.end_model_call(bigint, uuid, bigint, text, int, int, float8) is $$The model has answered: keep the answer, its tokens and what it cost by the agent's prices. Said twice, once. An answer that proves to be of no use is said to fail_model_call after this, so that its tokens count.
p_task_id: number of the task, as claimed.
p_token: its token, as claimed.
p_call_id: number of the call.
p_answer: the assistant's message as JSON text, {content, tool_calls, finish_reason}, at most 1 MB.
p_prompt_tokens: tokens sent; null when the server does not say.
p_completion_tokens: tokens received; likewise.
p_latency_s: seconds to the end of the answer.
Locks: the design's row or the FIFO key, then the task's row.
Raises: PB001, PB003, PB042 for a call that is not this lease's or has failed.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
kicad=> select end_model_call(task_id, lease_token, 1, '{}', 900, 120, 1.5) from claim_task();
PB042: call 1 was not begun under this lease of task 1$$;
