-- tell_status: where a design stands, for whoever asks.
create or replace function core.tell_status(p_event core.event)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_design constant core.design_states := core.named_design(p_event);
begin
  if v_design.state_id is null then
    return core.no_design(p_event);
  end if;
  return core.answer(p_event, core.status_line(v_design), v_design.state_id);
end $$;
revoke all on function core.tell_status(core.event) from public;
comment on function core.tell_status(core.event) is 'Answer where a design stands.';
