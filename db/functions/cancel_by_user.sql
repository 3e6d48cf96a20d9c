-- cancel_by_user: a person no longer wants a design.
create or replace function core.cancel_by_user(p_event core.event)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_design constant core.design_states := core.named_design(p_event, true);
begin
  if v_design.state_id is null then
    return core.no_design(p_event);
  elsif v_design.finished_at is not null then
    return core.answer(p_event, format('Design %s %s.', v_design.state_id, core.ending(v_design.state)), v_design.state_id);
  end if;
  perform core.stop_design(v_design.state_id);
  perform core.acknowledge(p_event, format('Design %s is cancelled.', v_design.state_id), v_design.state_id);
  return jsonb_build_object('outcome', 'taken', 'design', v_design.state_id);
end $$;
revoke all on function core.cancel_by_user(core.event) from public;
comment on function core.cancel_by_user(core.event) is 'A person no longer wants a design.';
