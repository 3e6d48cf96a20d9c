-- answer: words for whoever caused an event: privately when it was an interaction, else where it happened, in pages.
-- p_design: the design that its buttons are about.   Returns the outcome.
create or replace function core.answer(p_event core.event, p_text text, p_design bigint default null, p_buttons text[] default '{}')
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  if p_event.reply_token is not null then
    perform core.acknowledge(p_event, p_text, p_design, p_buttons);
  else
    perform core.write_to(coalesce(p_event.place_id, core.place_at(p_event.front_end, coalesce(p_event.place, p_event.parent),
                            case when p_event.place is not null then p_event.parent end, p_event.guild)),
                          p_text, p_event.source, p_event.user_id, p_design, p_buttons);
  end if;
  return jsonb_build_object('outcome', 'answered', 'design', p_design);
end $$;
revoke all on function core.answer(core.event, text, bigint, text[]) from public;
comment on function core.answer(core.event, text, bigint, text[]) is 'Words for whoever caused an event.';
