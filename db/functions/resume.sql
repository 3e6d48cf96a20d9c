-- resume: let a paused design go on, and its candidates; the caller has locked its row.
create or replace function core.resume(p_design core.design_states)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_agent name;
begin
  update core.design_states d set paused = false where d.state_id = p_design.state_id;
  update core.tasks t set state = core.waiting_state(p_design.state_id, t.run_at)
   where t.state_id = p_design.state_id and t.state = 'blocked' returning t.agent into v_agent;
  if found then
    perform core.ring_bell(v_agent);
  end if;
  perform core.record_event(p_design.state_id, p_design.state, 'resumed', p_design.state);
  perform core.resume(c) from core.unfinished_candidates(p_design.state_id) c where c.paused;
end $$;
revoke all on function core.resume(core.design_states) from public;
comment on function core.resume(core.design_states) is 'Let a paused design and its candidates go on.';
