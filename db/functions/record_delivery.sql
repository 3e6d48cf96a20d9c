create or replace function api.record_delivery(p_delivery_id bigint, p_token uuid, p_remote_id text)
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_row core.outbox;
begin
  if p_remote_id is null or length(p_remote_id) not between 1 and 200 then
    raise exception 'the number of what was sent has 1 to 200 characters' using errcode = 'PB042';
  end if;
  select o.* into v_row from core.outbox o where o.delivery_id = p_delivery_id and o.front_end = (core.caller()).role for update;
  if v_row.remote_id = p_remote_id and v_row.claim_token is distinct from p_token then
    return;  -- said twice
  end if;
  v_row := core.held_delivery(p_delivery_id, p_token);
  if v_row.kind <> 'thread' and exists (select from core.outbox o
      where o.front_end = v_row.front_end and o.remote_id = p_remote_id and o.kind <> 'thread' and o.delivery_id <> p_delivery_id) then
    raise exception '% was recorded for another delivery', p_remote_id using errcode = 'PB004';
  end if;
  update core.outbox o
     set state = case when o.changed then 'waiting' else 'sent' end, claimed_by = null, claim_token = null, attempt = 0, last_error = null,
         remote_id = p_remote_id, reply_token = null, sent_at = core.now(),
         due_at = core.now() + (select f.status_every from core.front_ends f where f.name = o.front_end)
   where o.delivery_id = p_delivery_id;
  if v_row.kind in ('opening', 'thread') then
    update core.places p set place = p_remote_id where p.place_id = v_row.place_id and p.place is distinct from p_remote_id;
  elsif v_row.message_id is not null and v_row.front_end = 'discord_bot' then
    update core.chat_messages m set discord_message_id = p_remote_id where m.message_id = v_row.message_id and m.discord_message_id is null;
  end if;
end $$;
revoke all on function api.record_delivery(bigint, uuid, text) from public;
comment on function api.record_delivery(bigint, uuid, text) is $$Say that a delivery was sent, as which message; a status that has changed meanwhile is due again. Safe to say twice.
p_delivery_id: number of the delivery, as claimed.
p_token: its token, as claimed.
p_remote_id: the front end's number of what was sent; of an opening and a thread it becomes the place.
Locks: the delivery's row, then the place's or the message's.
Raises: PB001 for a claim that is lost, PB004 for a number that was recorded for another delivery, PB042.
Example:
terminal=> select receive_event('anna', 'Anna', 'k1', 'design', 'a 555 blinker', p_place => 'tty1') ->> 'outcome';
taken
terminal=> select record_delivery(delivery_id, token, '1001') from claim_deliveries('one');
terminal=> select record_delivery(1, gen_random_uuid(), '1001');
terminal=> select record_delivery(1, gen_random_uuid(), '1002');
PB001: the claim of delivery 1 is lost$$;
