-- show_progress: what is being done for a design, in a few words; a candidate's words are shown as its design's.
-- The caller holds the design's row and, of a candidate, that of its design.
create or replace function core.show_progress(p_state_id bigint, p_progress text)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_design core.design_states;
begin
  update core.design_states d set progress = left(p_progress, 200)
   where d.state_id = p_state_id and d.progress is distinct from left(p_progress, 200)
  returning d.* into v_design;
  if not found then
    return;
  elsif v_design.candidate_of is not null then
    update core.design_states d
       set progress = left(format('candidate %s of %s: %s', v_design.candidate,
             (select count(*) from core.design_states c where c.candidate_of = d.state_id), p_progress), 200)
     where d.state_id = v_design.candidate_of and d.finished_at is null;
  end if;
  perform core.ring_front_ends(coalesce(v_design.candidate_of, p_state_id));
end $$;
revoke all on function core.show_progress(bigint, text) from public;
comment on function core.show_progress(bigint, text) is 'Say what is being done for a design.';
