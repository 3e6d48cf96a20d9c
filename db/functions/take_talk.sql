-- take_talk: what follows when words were taken for a design: Discord's number of them, an answer to a command, and which files
-- were not taken.   Returns the outcome.
create or replace function core.take_talk(p_event core.event, p_design bigint, p_reply text)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_missing constant text := core.missing_files(p_event);
begin
  if p_event.front_end = 'discord_bot' and p_event.reply_token is null and p_event.command in ('say', 'design') then
    update core.chat_messages m set discord_message_id = p_event.key where m.front_end = p_event.front_end and m.message_key = p_event.key;
  end if;
  if v_missing is not null then
    perform core.deliver(p_design, 'answer', jsonb_build_object('text', left(v_missing, 1800), 'source', case when p_event.place is not null then p_event.source end));
  end if;
  if p_reply is not null then
    perform core.acknowledge(p_event, p_reply);
  end if;
  return jsonb_build_object('outcome', 'taken', 'design', p_design);
end $$;
revoke all on function core.take_talk(core.event, bigint, text) from public;
comment on function core.take_talk(core.event, bigint, text) is 'What follows when words were taken.';
