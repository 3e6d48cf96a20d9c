create or replace function api.list_places()
returns table (place text, parent text, after text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  return query
  select p.place, p.parent, (
           select k.number from (
             select m.discord_message_id as number from core.design_states d join core.chat_messages m using (state_id)
              where d.place_id = p.place_id and m.sender = 'user' and m.discord_message_id is not null
              union all select p.place) k order by length(k.number) desc, k.number desc limit 1)
    from core.places p
   where p.front_end = (core.caller()).role and p.place is not null
     and (exists (select from core.design_states d where d.place_id = p.place_id and d.finished_at is null)
          or p.guild is null and p.parent is null and exists (
               select from core.inbox i where i.place_id = p.place_id and i.received_at > core.now() - interval '7 days'))
   order by p.place_id;
end $$;
revoke all on function api.list_places() from public;
comment on function api.list_places() is $$Where something may have been said while nobody listened: places of unfinished designs, and direct ones that were used within seven days.
Returns: the place, its channel, and the number of the last message that came in from there, else the place's own.
Raises: nothing
Example:
discord_bot=> select receive_event('7', 'Anna', '1001', 'design', 'a 555 blinker', p_parent => '500', p_guild => '9', p_source => '1001') ->> 'outcome';
taken
discord_bot=> select * from list_places();
1001 | 500 | 1001$$;
