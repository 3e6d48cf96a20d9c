create or replace function api.send_notification(p_channel text, p_payload jsonb, p_receiver name default null, p_keep interval default null)
returns bigint language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_design bigint;
  v_id bigint;
begin
  if p_channel <> all ((core.working_agent()).notify_channels) then
    raise exception '% may not send on %', (core.caller()).role, p_channel using errcode = 'PB002';
  elsif p_receiver is not null and not exists (
      select from core.agents a where a.name = p_receiver and p_channel = any (a.listen_channels)) then
    raise exception '% does not listen on %', p_receiver, p_channel using errcode = 'PB002';
  elsif octet_length(p_payload::text) > 65536 then
    raise exception 'the payload has % bytes, 65536 are allowed', octet_length(p_payload::text) using errcode = 'PB003';
  end if;
  if p_payload ? 'design' then
    v_design := coalesce(substring(p_payload ->> 'design' from '^[0-9]{1,18}$')::bigint, 0);  -- anything odd is nobody's design
    perform from core.design_states d where d.state_id = v_design for share;
    if not (found or v_design = 0 or core.sees_every_user()) or exists (
        select from core.design_states d join core.users u using (user_id) where d.state_id = v_design and u.forgotten_at is not null) then
      raise exception 'there is no design % of yours', v_design using errcode = 'PB006';
    end if;
  end if;
  v_id := core.notify_agents(p_channel, p_payload, p_receiver, p_keep, v_design);
  if p_receiver is not null and not exists (select from core.notification_receipts r where r.notification_id = v_id) then
    raise exception 'design % is not of a user of %', p_payload ->> 'design', p_receiver using errcode = 'PB006';
  end if;
  return v_id;
end $$;
revoke all on function api.send_notification(text, jsonb, name, interval) from public;
comment on function api.send_notification(text, jsonb, name, interval) is $$Store a message for every listener of a channel, or for one of them, and ring; who is away reads it later.
p_channel: the channel; the caller must be allowed to send there.
p_payload: what it says, at most 64 kB; with a `design` it goes to no front end but that of the design's user.
p_receiver: the one agent that is to have it; null for all that listen.
p_keep: how long it waits for those who are away; null for as long as the channel says.
Returns: the notification's number.
Locks: the design's row, shared.
Raises: PB002 when the caller may not send there or the receiver does not listen, PB003, PB006 when the design is not of the receiver's users, not a front end's own, or was erased.
Example:
pcb_tester=> select send_notification('corrections_needed', '{"net": "VCC"}', 'pcb_designer');
1
pcb_tester=> select send_notification('task_queue', '{}');
PB002: pcb_tester may not send on task_queue$$;
