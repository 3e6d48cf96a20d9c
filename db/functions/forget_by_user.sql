-- forget_by_user: a person wants what is stored of them deleted: they are asked once, and then it is.
create or replace function core.forget_by_user(p_event core.event)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v core.event := p_event;
begin
  if lower(trim(v.words)) <> 'yes' then
    return core.answer(v, 'This ends your designs and deletes your words, files and boards, and your name. It cannot be undone. '
      'That there were designs stays, without what was in them. Press the button, or say /forget yes.', null, '{forget}');
  end if;
  perform core.erase_user(v.user_id);
  v.place_id := core.place_of_event(v);  -- what there was may be gone
  v.user_id := null;
  return core.answer(v, 'All that was stored of you is deleted.');
end $$;
revoke all on function core.forget_by_user(core.event) from public;
comment on function core.forget_by_user(core.event) is 'Delete what is stored of a person, once they have confirmed it.';
