-- retry_by_user: a person wants a design that did not become a board tried again, where it was talked about.
create or replace function core.retry_by_user(p_event core.event)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v core.event := p_event;
  v_design constant core.design_states := core.named_design(p_event);
  v_other bigint;
  v_wait text;
begin
  select max(d.state_id) into v_other from core.design_states d
   where d.place_id = v_design.place_id and d.finished_at is null and d.candidate_of is null;
  v_wait := (core.designs_are_many(v.front_end, v.user_id)).words;
  if v_design.state_id is null then
    return core.no_design(v);
  elsif v_design.state = 'resolved' then
    return core.answer(v, format('Design %s has passed; /files hands its files out again.', v_design.state_id), v_design.state_id);
  elsif coalesce(v_other, v_design.state_id) <> v_design.state_id or v_design.finished_at is null then
    return core.answer(v, format('Design %s is not finished.', coalesce(v_other, v_design.state_id)), coalesce(v_other, v_design.state_id));
  elsif v_wait is not null then
    return core.refuse_more(v, v_wait);
  end if;
  v_other := core.retry_design(v_design, v.key);
  if v_design.place_id is null then
    perform core.settle(v, v_other);
  else
    v.place_id := v_design.place_id;
    v.here := v_design.state_id;
    perform core.settle(v, v_other);
  end if;
  return jsonb_build_object('outcome', 'taken', 'design', v_other);
end $$;
revoke all on function core.retry_by_user(core.event) from public;
comment on function core.retry_by_user(core.event) is 'A person wants a design tried again.';
