-- change_agent: new settings of an agent; what is null stays as it is.  A login's connection limit follows with
-- fit_logins.   Locks: the agent's row.   Raises: PB002 unknown agent, PB034 bad agent.
create or replace function api.change_agent(
  p_name name, p_listen text[] default null, p_notify text[] default null, p_replicas int default null,
  p_attempt_limit int default null, p_model jsonb default null)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform core.check_agent(p_name, p_listen || p_notify);
  if p_replicas not between 1 and 1000 or p_attempt_limit not between 1 and 32767 then
    raise exception 'replicas are 1 to 1000, attempts 1 to 32767' using errcode = 'PB034';
  end if;
  update core.agents a
     set listen_channels = coalesce(p_listen, a.listen_channels), notify_channels = coalesce(p_notify, a.notify_channels),
         replicas = coalesce(p_replicas, a.replicas), attempt_limit = coalesce(p_attempt_limit, a.attempt_limit),
         model = coalesce(p_model, a.model)
   where a.name = p_name;
  if not found then
    raise exception 'there is no agent %', p_name using errcode = 'PB002';
  end if;
end $$;
revoke all on function api.change_agent(name, text[], text[], int, int, jsonb) from public;
comment on function api.change_agent(name, text[], text[], int, int, jsonb) is 'Change an agent''s channels, replicas, attempts or model.';
