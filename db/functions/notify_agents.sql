-- notify_agents: store a notification for every agent that listens on the channel (or for one), then ring.
create or replace function core.notify_agents(p_channel text, p_payload jsonb, p_receiver name default null)
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_id bigint;
begin
  insert into core.notifications (sender_agent, channel, message_payload)
  values ((core.caller()).role, p_channel, p_payload) returning notification_id into v_id;
  insert into core.notification_receipts (notification_id, receiver_agent)
  select v_id, a.name from core.agents a
   where p_channel = any (a.listen_channels) and a.name = coalesce(p_receiver, a.name);
  perform pg_notify(p_channel, v_id::text);
  return v_id;
end $$;
revoke all on function core.notify_agents(text, jsonb, name) from public;
comment on function core.notify_agents(text, jsonb, name) is 'Store a notification per listening agent and ring its channel with the number.';
