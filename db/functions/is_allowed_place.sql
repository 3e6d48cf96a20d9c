-- is_allowed_place: whether a front end listens there.  p_guild null: the person writes to it directly, which the setting
-- direct_messages may end where there are guilds, too.  Else: where a guild is listed, only listed ones; where a channel is
-- listed, only listed ones and the threads of these.
create or replace function core.is_allowed_place(p_front_end name, p_guild text, p_parent text, p_place text)
returns boolean language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare v_listed core.allowed_places[];
begin
  if p_guild is null then
    return core.setting('direct_messages') = '1' or not exists (select from core.front_ends f where f.name = p_front_end and f.threads);
  end if;
  v_listed := array(select a from core.allowed_places a where a.front_end = p_front_end);
  return not exists (
    select from unnest(v_listed) l group by l.kind
    having not bool_or(coalesce(l.place = any (case l.kind when 'guild' then array[p_guild] else array[p_place, p_parent] end), false)));
end $$;
revoke all on function core.is_allowed_place(name, text, text, text) from public;
comment on function core.is_allowed_place(name, text, text, text) is 'Whether a front end listens at a place.';
