-- hand_out: the result and the files of a design again, where it is talked about.
create or replace function core.hand_out(p_event core.event)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_design core.design_states := core.named_design(p_event);
  v_place text;
begin
  if v_design.state_id is null then
    return core.no_design(p_event);
  elsif core.file_names(v_design.state_id) = '[]' then
    return core.answer(p_event, format('Design %s has no files yet.', v_design.state_id), v_design.state_id);
  elsif v_design.place_id is null then
    v_design.place_id := coalesce(p_event.place_id, core.place_at(p_event.front_end, coalesce(p_event.place, p_event.parent), null, p_event.guild));
    update core.design_states d set place_id = v_design.place_id where d.state_id = v_design.state_id;
  end if;
  perform core.deliver(v_design.state_id, 'result', jsonb_build_object('text', core.status_line(v_design))),
          core.deliver_files(v_design.state_id),
          core.ring_front_ends(v_design.state_id);
  select p.place into v_place from core.places p where p.place_id = v_design.place_id;
  perform core.acknowledge(p_event, format(case when p_event.guild is null then 'The files of design %s are on their way.'
                                                else 'The files of design %s are on their way: <#%s>' end, v_design.state_id, v_place), v_design.state_id);
  return jsonb_build_object('outcome', 'taken', 'design', v_design.state_id);
end $$;
revoke all on function core.hand_out(core.event) from public;
comment on function core.hand_out(core.event) is 'Hand out the files of a design again.';
