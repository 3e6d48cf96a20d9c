create or replace function api.set_agent_channels(p_agent name, p_listen text[] default null, p_notify text[] default null)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_unknown text;
begin
  select c into v_unknown from unnest(p_listen || p_notify) c where not exists (select from core.channels k where k.channel = c) limit 1;
  if found then
    raise exception 'there is no channel %', v_unknown using errcode = 'PB002';
  end if;
  update core.agents a
     set listen_channels = coalesce(p_listen, a.listen_channels), notify_channels = coalesce(p_notify, a.notify_channels)
   where a.name = p_agent;
  if not found then
    raise exception 'there is no agent %', p_agent using errcode = 'PB002';
  end if;
end $$;
revoke all on function api.set_agent_channels(name, text[], text[]) from public;
comment on function api.set_agent_channels(name, text[], text[]) is $$Change where an agent listens and sends; what was stored for it waits until it expires, and is delivered only where it listens.
p_agent: the agent.
p_listen: channels whose notifications it receives; null leaves the list as it is.
p_notify: channels on which it may send; null leaves the list as it is.
Locks: the agent's row.
Raises: PB002 no such agent or channel.
Example:
admin=> select set_agent_channels('kicad', p_listen => '{task_queue,corrections_needed}');
pcb_tester=> select send_notification('corrections_needed', '{"net": "VCC"}', 'kicad');
1
kicad=> select message_payload from pending_notifications();
{"net": "VCC"}$$;
