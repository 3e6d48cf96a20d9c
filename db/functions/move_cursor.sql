create or replace function api.move_cursor(p_cursor text default null)
returns text language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_me constant core.front_ends := core.my_front_end();
begin
  if length(p_cursor) not between 1 and 200 then
    raise exception 'a cursor has 1 to 200 characters' using errcode = 'PB042';
  elsif p_cursor is not null then
    update core.front_ends f set cursor = p_cursor
     where f.name = v_me.name and (f.cursor is null or (length(f.cursor), f.cursor collate "C") < (length(p_cursor), p_cursor collate "C"));
  end if;
  return (select f.cursor from core.front_ends f where f.name = v_me.name);
end $$;
revoke all on function api.move_cursor(text) from public;
comment on function api.move_cursor(text) is $$How far the calling front end has heard: the greatest number of an event that any of its processes has named.
p_cursor: a number that was heard, compared as a number: shorter ones are smaller; null only asks.
Returns: the greatest; null when none was named.
Locks: the front end's row.
Raises: PB042.
Example:
discord_bot=> select move_cursor();
discord_bot=> select move_cursor('1001'), move_cursor('999');
1001 | 1001$$;
