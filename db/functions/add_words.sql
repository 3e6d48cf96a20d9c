-- add_words: a person's words for a design that goes on, whose row the caller holds.
create or replace function core.add_words(p_event core.event, p_design core.design_states)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  if p_design.place_id is null then
    perform core.settle(p_event, p_design.state_id);
  end if;
  perform core.take_message(p_event.user_id, p_event.words, p_event.key, p_design.state_id, p_event.interactive);
  return core.take_talk(p_event, p_design.state_id, case p_event.command when 'approve' then 'Approved.' when 'change' then 'Passed on.' else 'Said.' end);
end $$;
revoke all on function core.add_words(core.event, core.design_states) from public;
comment on function core.add_words(core.event, core.design_states) is 'A person''s words for a design that goes on.';
