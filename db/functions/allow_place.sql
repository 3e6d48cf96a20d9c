create or replace function api.allow_place(p_front_end name, p_kind text, p_place text)
returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select from core.agents a where a.name = p_front_end and a.front_end) then
    raise exception 'there is no front end %', p_front_end using errcode = 'PB002';
  elsif (p_kind in ('guild', 'channel') and length(p_place) between 1 and 100) is not true then
    raise exception 'a place is a guild or a channel and has 1 to 100 characters' using errcode = 'PB042';
  end if;
  insert into core.allowed_places (front_end, kind, place) values (p_front_end, p_kind, p_place) on conflict do nothing;
  return found;
end $$;
revoke all on function api.allow_place(name, text, text) from public;
comment on function api.allow_place(name, text, text) is $$Let a front end listen at a place. The first place of a kind closes all others of that kind: without one it listens everywhere it was invited to.
p_front_end: the front end's role.
p_kind: guild, or channel, with its threads.
p_place: the front end's own number of the place, 1 to 100 characters.
Returns: false when it was allowed already.
Locks: nothing
Raises: PB002 no such front end, PB042.
Example:
admin=> select allow_place('discord_bot', 'guild', '1101'), allow_place('discord_bot', 'guild', '1101');
t | f
discord_bot=> select attachment_problem('2201', '1102', '2201', 'notes.pdf', 1000);
files are not taken at this place$$;
