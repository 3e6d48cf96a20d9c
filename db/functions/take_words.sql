-- take_words: words for the design that is talked about, or for a new one.
create or replace function core.take_words(p_event core.event)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v core.event := p_event;
  v_attached constant int := core.count_attached(p_event);
  v_design core.design_states;
begin
  if v.words !~ '\S' and v_attached = 0 then
    return core.answer(v, coalesce(core.missing_files(v), case v.command when 'change' then 'Say what is to be changed.'
                                                                       else 'Say in plain words what board you need.' end));
  elsif v.words !~ '\S' then
    v.words := 'See the attached files.';
  end if;
  if coalesce(v.design, v.here) is not null then
    v_design := core.named_design(v);
    if v_design.state_id is null then
      return core.no_design(v);
    elsif v_design.finished_at is null and v.command = 'design' then
      return core.answer(v, format('Design %1$s is not finished; /cancel ends it, and then /design begins another.', v_design.state_id), v_design.state_id);
    elsif v_design.finished_at is null then
      return core.add_words(v, v_design);
    elsif v.command <> 'design' and (v.design is not null or v.guild is not null) then
      return core.answer(v, format('Design %s %s. /design begins another.', v_design.state_id, core.ending(v_design.state)), v_design.state_id,
                         case when v_design.state = 'resolved' then '{}' else '{retry}' end::text[]);
    end if;
  elsif v.command = 'change' then
    return core.no_design(v);
  end if;
  return core.open_design(v);
end $$;
revoke all on function core.take_words(core.event) from public;
comment on function core.take_words(core.event) is 'Words for a design, or for a new one.';
