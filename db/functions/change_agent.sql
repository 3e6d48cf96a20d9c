-- change_agent: new settings of an agent; what is null stays as it is, p_slots 0 is no limit.  A login's connection
-- limit follows with fit_logins.   Locks: the agent's row.   Raises: PB002 unknown agent, PB034 bad agent.
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
comment on function api.change_agent(name, text[], text[], int, int, jsonb, int) is 'Change an agent''s channels, replicas, attempts or model.';
