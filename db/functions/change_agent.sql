create or replace function api.change_agent(
  p_name name, p_listen text[] default null, p_notify text[] default null, p_replicas int default null,
  p_attempt_limit int default null, p_model jsonb default null, p_slots int default null)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform core.check_agent(p_name, p_listen || p_notify, p_replicas, p_attempt_limit, p_slots);
  update core.agents a
     set listen_channels = coalesce(p_listen, a.listen_channels), notify_channels = coalesce(p_notify, a.notify_channels),
         replicas = coalesce(p_replicas, a.replicas), attempt_limit = coalesce(p_attempt_limit, a.attempt_limit),
         model = coalesce(p_model, a.model), slots = case when p_slots is null then a.slots else nullif(p_slots, 0) end
   where a.name = p_name;
  if not found then
    raise exception 'there is no agent %', p_name using errcode = 'PB002';
  end if;
end $$;
revoke all on function api.change_agent(name, text[], text[], int, int, jsonb, int) from public;
comment on function api.change_agent(name, text[], text[], int, int, jsonb, int) is $$Change an agent's channels, replicas, attempts, model or slots; a login's connection limit follows with fit_logins.
p_name: the agent.
p_listen: channels whose notifications it receives; null leaves them as they are, here and below.
p_notify: channels on which it may send.
p_replicas: how many processes may share the login.
p_attempt_limit: how often a task is tried.
p_model: all settings of its language model; set_agent_model changes single ones.
p_slots: tasks in hand at once over all processes; 0 for no limit.
Locks: the agent's row.
Raises: PB002, PB034, PB043.
Example:
admin=> select change_agent('kicad', p_slots => 2);
admin=> select slots from list_agents() where name = 'kicad';
2$$;
