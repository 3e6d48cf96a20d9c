-- record_model_call: what a language model was asked for the task in hand, in figures.
-- p_cost: in US dollars.   p_latency_s: seconds.   Raises: PB001 lease lost.
create or replace function api.record_model_call(
  p_task_id bigint, p_token uuid, p_model text, p_prompt_tokens int, p_completion_tokens int, p_cost numeric, p_latency_s float8)
returns bigint language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_task constant core.tasks := core.held_task(p_task_id, p_token);
  v_id bigint;
begin
  insert into core.model_calls (agent, state_id, model, prompt_tokens, completion_tokens, cost, latency_s)
  values (v_task.agent, v_task.state_id, p_model, p_prompt_tokens, p_completion_tokens, p_cost, p_latency_s)
  returning call_id into v_id;
  return v_id;
end $$;
revoke all on function api.record_model_call(bigint, uuid, text, int, int, numeric, float8) from public;
comment on function api.record_model_call(bigint, uuid, text, int, int, numeric, float8) is 'Record tokens, cost and latency of a call of a language model.';
