-- acknowledge: a private answer to an interaction, if the event was one; it waits for nothing.
create or replace function core.acknowledge(p_event core.event, p_text text, p_design bigint default null, p_buttons text[] default '{}')
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  if p_event.reply_token is null then
    return;
  end if;
  insert into core.outbox (front_end, place_id, state_id, user_id, kind, content, reply_token)
  values (p_event.front_end, p_event.place_id, p_design, p_event.user_id, 'reply', jsonb_strip_nulls(jsonb_build_object(
            'text', left(p_text, coalesce((core.my_front_end()).message_length, 30000)), 'buttons', nullif(to_jsonb(p_buttons), '[]'))),
          p_event.reply_token);
  perform pg_notify('design_updates', coalesce(p_design, 0)::text);
end $$;
revoke all on function core.acknowledge(core.event, text, bigint, text[]) from public;
comment on function core.acknowledge(core.event, text, bigint, text[]) is 'A private answer to an interaction.';
