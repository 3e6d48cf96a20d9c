-- acknowledge_notification: the caller has read it.   Returns whether it was still unread.
create or replace function api.acknowledge_notification(p_notification_id bigint)
returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  update core.notification_receipts r set acknowledged = true, acknowledged_at = core.now()
   where r.notification_id = p_notification_id and r.receiver_agent = (core.caller()).role and not r.acknowledged;
  return found;
end $$;
revoke all on function api.acknowledge_notification(bigint) from public;
comment on function api.acknowledge_notification(bigint) is 'Mark a notification as read by the caller.';
