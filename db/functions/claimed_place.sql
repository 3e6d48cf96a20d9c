-- claimed_place: the place whose deliveries are asked for: the one that is named, else the design's.
create or replace function core.claimed_place(p_front_end name, p_design bigint, p_place text)
returns bigint language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  if p_place is not null then
    return (select p.place_id from core.places p where p.front_end = p_front_end and p.place = p_place);
  elsif p_design is not null then
    return (select d.place_id from core.design_states d where d.state_id = p_design);
  end if;
  return null;
end $$;
revoke all on function core.claimed_place(name, bigint, text) from public;
comment on function core.claimed_place(name, bigint, text) is 'The place whose deliveries are asked for.';
