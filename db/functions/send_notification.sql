create or replace function api.send_notification(p_channel text, p_payload jsonb, p_receiver name default null, p_keep interval default null)
returns bigint language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if p_channel <> all ((core.working_agent()).notify_channels) then
    raise exception '% may not send on %', (core.caller()).role, p_channel using errcode = 'PB002';
  elsif p_receiver is not null and not exists (
      select from core.agents a where a.name = p_receiver and p_channel = any (a.listen_channels)) then
    raise exception '% does not listen on %', p_receiver, p_channel using errcode = 'PB002';
  elsif octet_length(p_payload::text) > 65536 then
    raise exception 'the payload has % bytes, 65536 are allowed', octet_length(p_payload::text) using errcode = 'PB003';
  end if;
  return core.notify_agents(p_channel, p_payload, p_receiver, p_keep);
end $$;
revoke all on function api.send_notification(text, jsonb, name, interval) from public;
comment on function api.send_notification(text, jsonb, name, interval) is $$Store a message for every listener of a channel, or for one of them, and ring; who is away reads it later.
p_channel: the channel; the caller must be allowed to send there.
p_payload: what it says, at most 64 kB.
p_receiver: the one agent that is to have it; null for all that listen.
p_keep: how long it waits for those who are away; null for as long as the channel says.
Returns: the notification's number.
Locks: nothing
Raises: PB002 when the caller may not send there or the receiver does not listen, PB003.
Example:
pcb_tester=> select send_notification('corrections_needed', '{"net": "VCC"}', 'pcb_designer');
1
pcb_tester=> select send_notification('task_queue', '{}');
PB002: pcb_tester may not send on task_queue$$;
