create or replace function api.agent_model(p_environment jsonb default '{}')
returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  return core.complete_model((core.working_agent()).model,
                             case when jsonb_typeof(p_environment) = 'object' then p_environment else '{}' end);
end $$;
revoke all on function api.agent_model(jsonb) from public;
comment on function api.agent_model(jsonb) is $$The calling agent's language model: every setting, from its row before its environment before the defaults; asked once a task, so that a change needs no restart. No secret is in it.
p_environment: {"model", "base_url"} as the process has them (LLM_MODEL, LLM_BASE_URL), absent or empty when unset.
Returns: {provider, model, hf_provider, base_url, temperature, max_tokens, timeout_s, context_tokens, price_in, price_out, prompt_version, dialect, tools, vision, candidates}; model and base_url are null when nobody names them. provider is huggingface once somebody does, else catalog.
Raises: PB002.
Example:
pcb_designer=> select agent_model() ->> 'provider', agent_model('{"model": "Qwen/Qwen3-32B"}') ->> 'provider';
catalog | huggingface
admin=> select set_agent_model('pcb_designer', '{"provider": "catalog"}');
{"provider": "catalog"}
pcb_designer=> select agent_model('{"model": "Qwen/Qwen3-32B"}') ->> 'provider';
catalog$$;
