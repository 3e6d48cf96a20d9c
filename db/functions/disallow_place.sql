create or replace function api.disallow_place(p_front_end name, p_kind text, p_place text)
returns boolean language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  delete from core.allowed_places a where a.front_end = p_front_end and a.kind = p_kind and a.place = p_place;
  return found;
end $$;
revoke all on function api.disallow_place(name, text, text) from public;
comment on function api.disallow_place(name, text, text) is $$Take a place off the list again. After the last one of a kind the front end listens everywhere it was invited to.
p_front_end: the front end's role.
p_kind: guild or channel.
p_place: the front end's own number of the place.
Returns: false when it was not on the list.
Locks: the place's row.
Raises: nothing
Example:
admin=> select allow_place('discord_bot', 'channel', '2201'), disallow_place('discord_bot', 'channel', '2201');
t | t
admin=> select count(*) from list_allowed_places();
0$$;
