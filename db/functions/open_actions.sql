-- open_actions: what its user may do with a design now, for whoever offers it: approve and change while a proposal
-- waits for them, default while a question does, say, pause or resume, and cancel until it has ended.
create or replace function core.open_actions(p_design core.design_states)
returns text[] language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  if p_design.finished_at is not null then
    return '{}';
  end if;
  return case when p_design.state <> 'awaiting_user' then '{}'
              when p_design.proposed_after is null or core.was_proposed(p_design) then '{default}'
              else '{approve,change}' end::text[]
    || array['say', case when p_design.paused then 'resume' else 'pause' end, 'cancel'];
end $$;
revoke all on function core.open_actions(core.design_states) from public;
comment on function core.open_actions(core.design_states) is 'What its user may do with a design now.';
