-- pause: let a design rest, and its candidates; the caller has locked the row of a design that is not paused.
create or replace function core.pause(p_design core.design_states)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  update core.design_states d set paused = true where d.state_id = p_design.state_id;
  update core.tasks t set state = 'blocked' where t.state_id = p_design.state_id and t.state <> 'working';
  perform core.record_event(p_design.state_id, p_design.state, 'paused', p_design.state);
  perform core.pause(c) from core.unfinished_candidates(p_design.state_id) c;
end $$;
revoke all on function core.pause(core.design_states) from public;
comment on function core.pause(core.design_states) is 'Let a design and its candidates rest.';
