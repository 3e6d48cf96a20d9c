-- open_design: a new design from a person's words, and what opens the place where it is talked about.
create or replace function core.open_design(p_event core.event)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_wait constant text := (core.designs_are_many(p_event.front_end, p_event.user_id)).words;
  v_design bigint;
begin
  if v_wait is not null then
    return core.refuse_more(p_event, v_wait);
  end if;
  v_design := core.begin_design(p_event.user_id, p_event.front_end, p_event.words, p_event.key, p_event.interactive);
  perform core.settle(p_event, v_design);
  return core.take_talk(p_event, v_design, null);
end $$;
revoke all on function core.open_design(core.event) from public;
comment on function core.open_design(core.event) is 'A new design from a person''s words.';
