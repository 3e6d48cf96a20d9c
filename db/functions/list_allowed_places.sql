create or replace function api.list_allowed_places()
returns table (front_end name, kind text, place text, allowed_at timestamptz) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select a.front_end, a.kind, a.place, a.allowed_at from core.allowed_places a order by a.front_end, a.kind desc, a.place
$$;
revoke all on function api.list_allowed_places() from public;
comment on function api.list_allowed_places() is $$Where front ends may listen; of a front end and a kind without a row: everywhere.
Raises: nothing
Example:
admin=> select allow_place('discord_bot', 'guild', '1101');
t
admin=> select front_end, kind, place from list_allowed_places();
discord_bot | guild | 1101$$;
