create or replace function api.model_exchanges(p_design bigint)
returns table (call_id bigint, agent name, attempt int, prompt text, prompt_version text, model text, request jsonb, answer text, problem text,
               prompt_tokens int, completion_tokens int, cost numeric, latency_s float8, called_at timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform core.design_of_caller(p_design);
  return query
    select c.call_id, c.agent, c.attempt::int, c.prompt, c.prompt_version, c.model, x.request, x.answer,
           concat_ws(': ', concat_ws(' ', c.problem, c.http_status), x.complaint),
           c.prompt_tokens, c.completion_tokens, c.cost, c.latency_s, c.called_at
      from core.model_calls c left join core.model_exchanges x using (call_id)
     where c.state_id = p_design or c.root_id = p_design order by c.call_id;
end $$;
revoke all on function api.model_exchanges(bigint) from public;
comment on function api.model_exchanges(bigint) is $$What language models were asked for a design and what they answered, word for word, oldest first; its candidates' calls are among them.
p_design: number of the design.
Returns: a row a call; request and answer are null once the texts were erased, problem is empty when nothing was wrong.
Raises: PB006.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
client_manager=> select c.call_id from claim_task() t, begin_model_call(t.task_id, t.lease_token, 'm', 'client_manager', '1', '{"messages": []}') c;
1
terminal=> select call_id, agent, prompt, request, answer, cost from model_exchanges(1);
1 | client_manager | client_manager | {"messages": []} |  | 0.000000$$;
