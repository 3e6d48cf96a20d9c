-- take_event: what an event that has not come before does.   Returns its outcome, with the user and the place for its row.
create or replace function core.take_event(p_event core.event, p_username text)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v core.event := p_event;
  v_outcome jsonb;
  v_wait text;
begin
  if not core.is_allowed_place(v.front_end, v.guild, v.parent, v.place) then
    return '{"outcome": "ignored", "design": null}';
  end if;
  v.place_id := core.place_of_event(v);
  if not core.is_for_us(v) then
    return jsonb_build_object('outcome', 'ignored', 'design', null,
                              'place', (select p.place_id from core.places p where p.place_id = v.place_id for key share));
  end if;
  v.user_id := core.known_user(v.front_end, v.account, p_username);  -- holds the person's row: their events come one by one
  v.place_id := core.place_of_event(v);  -- which one before this may have opened, or forgotten
  select p.place_id into v.place_id from core.places p where p.place_id = v.place_id for key share;
  select max(d.state_id) into v.here
    from core.design_states d where d.place_id = v.place_id and d.user_id = v.user_id and d.candidate_of is null;
  v_outcome := core.repeated(v);
  if v_outcome is null then
    v_wait := (core.minute_is_full(v.front_end, v.user_id)).words;
    v_outcome := case when v_wait is not null then core.refuse_more(v, v_wait) else core.do_command(v) end;
  end if;
  return jsonb_build_object('place', core.place_of_event(v),  -- which the answer may have made
                            'user', (select u.user_id from core.users u where u.user_id = v.user_id)) || v_outcome;
end $$;
revoke all on function core.take_event(core.event, text) from public;
comment on function core.take_event(core.event, text) is 'Do what an event asks for.';
