-- named_design: the design that an event is about: the one it names, else the one that is talked about there, else the person's
-- newest (p_unfinished: the newest that goes on, if one does); locked, and null when it is not theirs.
create or replace function core.named_design(p_event core.event, p_unfinished boolean default false)
returns core.design_states language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_design core.design_states;
begin
  select d.* into v_design from core.design_states d
   where d.user_id = p_event.user_id and d.candidate_of is null
     and (d.state_id = coalesce(p_event.design, p_event.here) or coalesce(p_event.design, p_event.here) is null)
   order by p_unfinished and d.finished_at is null desc, d.state_id desc limit 1 for no key update;
  return v_design;
end $$;
revoke all on function core.named_design(core.event, boolean) from public;
comment on function core.named_design(core.event, boolean) is 'The design that an event is about, locked.';
