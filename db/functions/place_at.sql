-- place_at: a front end's place of this number, made when new; without a number it always is.
create or replace function core.place_at(p_front_end name, p_place text, p_parent text, p_guild text)
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_place_id bigint;
begin
  select p.place_id into v_place_id from core.places p where p.front_end = p_front_end and p.place = p_place;
  if not found then
    insert into core.places as p (front_end, place, parent, guild) values (p_front_end, p_place, p_parent, p_guild)
      on conflict (front_end, place) do update set place = excluded.place
    returning p.place_id into v_place_id;
  end if;
  return v_place_id;
end $$;
revoke all on function core.place_at(name, text, text, text) from public;
comment on function core.place_at(name, text, text, text) is 'A front end''s place, made when new.';
