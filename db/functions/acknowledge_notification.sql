create or replace function api.acknowledge_notification(p_notification_id bigint)
returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  update core.notification_receipts r set acknowledged = true, acknowledged_at = core.now()
   where r.notification_id = p_notification_id and r.receiver_agent = (core.caller()).role and not r.acknowledged;
  return found;
end $$;
revoke all on function api.acknowledge_notification(bigint) from public;
comment on function api.acknowledge_notification(bigint) is $$Mark a notification as read by the caller.
p_notification_id: its number, as pending_notifications shows it.
Returns: whether it was still unread.
Locks: the caller's receipt.
Raises: nothing
Example:
pcb_tester=> select send_notification('corrections_needed', '{"net": "VCC"}');
1
pcb_designer=> select acknowledge_notification(1), acknowledge_notification(1);
t | f$$;
