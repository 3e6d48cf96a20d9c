-- known_before: the greatest number at a delivery's place that was known before the delivery was written: whatever was sent for
-- it has a greater one.  Numbers are compared as numbers: shorter ones are smaller.
create or replace function core.known_before(p_row core.outbox)
returns text language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return (select k.number from (
            select o.remote_id as number from core.outbox o
             where o.place_id = p_row.place_id and o.sent_at < p_row.created_at and o.kind not in ('opening', 'reply')
             union all
            select m.discord_message_id from core.chat_messages m join core.design_states d using (state_id)
             where d.place_id = p_row.place_id and m.sender = 'user' and m.sent_at < p_row.created_at
             union all
            select coalesce(p.place, p_row.content ->> 'after') from core.places p where p.place_id = p_row.place_id) k
           where k.number is not null order by length(k.number) desc, k.number desc limit 1);
end $$;
revoke all on function core.known_before(core.outbox) from public;
comment on function core.known_before(core.outbox) is 'The number after which a delivery may stand at its place.';
