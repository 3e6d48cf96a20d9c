-- notify_agents: store a notification for every agent that listens on the channel (or for one), then ring.
-- What is about a design goes to no front end but its user's own.
create or replace function core.notify_agents(
  p_channel text, p_payload jsonb, p_receiver name default null, p_keep interval default null, p_state_id bigint default null)
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_id bigint;
begin
  insert into core.notifications (sender_agent, channel, message_payload, expires_at)
  select (core.caller()).role, c.channel, p_payload, core.now() + coalesce(p_keep, c.keep)
    from core.channels c where c.channel = p_channel
  returning notification_id into v_id;
  insert into core.notification_receipts (notification_id, receiver_agent)
  select v_id, a.name from core.agents a
   where p_channel = any (a.listen_channels) and a.name = coalesce(p_receiver, a.name)
     and (p_state_id is null or not a.front_end or exists (
           select from core.design_states d join core.users u using (user_id) where d.state_id = p_state_id and u.front_end = a.name));
  perform pg_notify(p_channel, v_id::text);
  return v_id;
end $$;
revoke all on function core.notify_agents(text, jsonb, name, interval, bigint) from public;
comment on function core.notify_agents(text, jsonb, name, interval, bigint) is 'Store a notification per listening agent and ring its channel with the number.';
