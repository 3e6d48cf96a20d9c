create or replace function api.register_agent(
  p_name name, p_listen text[] default '{task_queue}', p_notify text[] default '{design_updates}', p_replicas int default 1,
  p_attempt_limit int default null, p_model jsonb default null, p_slots int default null, p_front_end boolean default false)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform core.check_agent(p_name, p_listen || p_notify, p_replicas, p_attempt_limit, p_slots);
  insert into core.agents (name, listen_channels, notify_channels, replicas, attempt_limit, model, slots, front_end)
  values (p_name, p_listen, p_notify, p_replicas, coalesce(p_attempt_limit, core.setting('agent_attempt_limit')::int),
          coalesce(p_model, '{}'), nullif(p_slots, 0), p_front_end)
  on conflict do nothing;
  if not found then
    raise exception 'there is an agent % already', p_name using errcode = 'PB033';
  end if;
end $$;
revoke all on function api.register_agent(name, text[], text[], int, int, jsonb, int, boolean) from public;
comment on function api.register_agent(name, text[], text[], int, int, jsonb, int, boolean) is $$Register a new agent; create_login gives it its login. A front end brings users' messages in and is given no tasks.
p_name: a lowercase word; the login has the same name.
p_listen: channels whose notifications it receives.
p_notify: channels on which it may send.
p_replicas: how many processes may share the login, three connections each.
p_attempt_limit: how often a task is tried; null for the setting agent_attempt_limit.
p_model: settings of its language model, as set_agent_model takes them; null for the defaults.
p_slots: tasks in hand at once over all processes; null or 0 for no limit.
p_front_end: whether it brings users' messages in.
Locks: nothing
Raises: PB033, PB034, PB043.
Example:
admin=> select register_agent('drawer', p_replicas => 2);
admin=> select name, replicas, can_log_in from list_agents() where name = 'drawer';
drawer | 2 | f$$;
