create or replace function api.pending_notifications(p_limit int default 100)
returns table (notification_id bigint, sender_agent name, channel text, message_payload jsonb, sent_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select n.notification_id, n.sender_agent, n.channel, n.message_payload, n.sent_at
    from core.notification_receipts r join core.notifications n using (notification_id)
    join core.agents a on a.name = r.receiver_agent and n.channel = any (a.listen_channels)
   where r.receiver_agent = (core.caller()).role and not r.acknowledged and n.expires_at > core.now()
   order by n.notification_id limit p_limit
$$;
revoke all on function api.pending_notifications(int) from public;
comment on function api.pending_notifications(int) is $$What the caller has not acknowledged on the channels that it listens on today, oldest first.
p_limit: at most so many.
Raises: nothing
Example:
pcb_tester=> select send_notification('corrections_needed', '{"net": "VCC"}');
1
pcb_designer=> select notification_id, sender_agent, channel, message_payload from pending_notifications();
1 | pcb_tester | corrections_needed | {"net": "VCC"}$$;
