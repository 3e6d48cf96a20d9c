create or replace function api.model_settings(p_agent name)
returns table (name text, value jsonb, is_set boolean, rule text, description text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare v_model jsonb;
begin
  select a.model into v_model from core.agents a where a.name = p_agent;
  if not found then
    raise exception 'there is no agent %', p_agent using errcode = 'PB002';
  end if;
  return query select k.key, core.complete_model(v_model) -> k.key, v_model ? k.key, k.rule, k.description
                 from core.model_keys() k order by k.place;
end $$;
revoke all on function api.model_settings(name) from public;
comment on function api.model_settings(name) is $$The settings of an agent's language model, what was set and what is the default; its environment (LLM_MODEL, LLM_BASE_URL) stands between the two and is not known here.
p_agent: the agent.
Raises: PB002.
Example:
admin=> select set_agent_model('pcb_designer', '{"temperature": 0.1}');
{"temperature": 0.1}
monitor=> select name, value, is_set, rule from model_settings('pcb_designer') where name in ('temperature', 'candidates');
temperature | 0.1 | t | a number from 0 to 2
candidates | 3 | f | a whole number from 1 to 5$$;
