-- place_of_event: the place of ours where an event happened, if it is one; without a place, that of the design it names.
create or replace function core.place_of_event(p_event core.event)
returns bigint language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  if p_event.place is not null then
    return (select p.place_id from core.places p where p.front_end = p_event.front_end and p.place = p_event.place);
  elsif p_event.parent is null then
    return (select d.place_id from core.design_states d join core.users u using (user_id)
             where d.state_id = p_event.design and u.front_end = p_event.front_end and u.account = p_event.account);
  end if;
  return null;
end $$;
revoke all on function core.place_of_event(core.event) from public;
comment on function core.place_of_event(core.event) is 'The place of ours where an event happened.';
