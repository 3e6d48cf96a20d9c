create or replace function api.set_agent_model(p_agent name, p_model jsonb)
returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_model jsonb;
begin
  update core.agents a set model = jsonb_strip_nulls(a.model || core.read_model(p_model)) where a.name = p_agent
  returning a.model into v_model;
  if not found then
    raise exception 'there is no agent %', p_agent using errcode = 'PB002';
  end if;
  return v_model;
end $$;
revoke all on function api.set_agent_model(name, jsonb) from public;
comment on function api.set_agent_model(name, jsonb) is $$Set which language model an agent asks, and how; it holds from the agent's next task on, without a restart. A secret is no setting: tokens stay in the agent's environment.
p_agent: the agent.
p_model: an object of settings that model_settings lists; a null takes one back, so that the default counts again. Numbers may be given as texts.
Returns: what is set now, without defaults.
Locks: the agent's row.
Raises: PB002, PB043.
Example:
admin=> select set_agent_model('pcb_designer', '{"model": "Qwen/Qwen3-32B", "temperature": "0.1"}');
{"model": "Qwen/Qwen3-32B", "temperature": 0.1}
admin=> select set_agent_model('pcb_designer', '{"model": null}');
{"temperature": 0.1}
admin=> select set_agent_model('pcb_designer', '{"temperature": 3}');
PB043: temperature is a number from 0 to 2, not 3$$;
