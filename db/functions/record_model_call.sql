create or replace function api.record_model_call(
  p_task_id bigint, p_token uuid, p_model text, p_prompt_tokens int, p_completion_tokens int, p_cost numeric, p_latency_s float8)
returns bigint language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_task constant core.tasks := core.held_task(p_task_id, p_token);
  v_id bigint;
begin
  insert into core.model_calls (agent, state_id, task_id, lease_token, root_id, user_id, model, prompt_tokens, completion_tokens, cost, latency_s)
  select v_task.agent, v_task.state_id, v_task.task_id, v_task.lease_token, core.root_design(v_task.state_id),
         (select d.user_id from core.design_states d where d.state_id = v_task.state_id),
         p_model, p_prompt_tokens, p_completion_tokens, p_cost, p_latency_s
  returning call_id into v_id;
  return v_id;
end $$;
revoke all on function api.record_model_call(bigint, uuid, text, int, int, numeric, float8) from public;
comment on function api.record_model_call(bigint, uuid, text, int, int, numeric, float8) is $$Record what a language model was asked for the task in hand, in figures.
p_task_id: number of the task, as claimed.
p_token: its token, as claimed.
p_model: name of the model, 1 to 200 characters.
p_prompt_tokens: tokens sent.
p_completion_tokens: tokens received.
p_cost: US dollars.
p_latency_s: seconds to the end of the answer.
Returns: number of the call.
Locks: the design's row or the FIFO key, then the task's row.
Raises: PB001.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
client_manager=> select record_model_call(task_id, lease_token, 'a model', 900, 120, 0.0004, 1.5) from claim_task();
1
monitor=> select agent, calls, prompt_tokens, cost from model_costs;
client_manager | 1 | 900 | 0.000400$$;
