create or replace function api.receive_event(
  p_account text, p_username text, p_event_key text, p_command text, p_text text default '', p_place text default null,
  p_parent text default null, p_guild text default null, p_source text default null, p_design bigint default null,
  p_message bigint default null, p_files jsonb default '[]', p_reply_token text default null, p_interactive boolean default true)
returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_event constant core.event := row(
    (core.my_front_end()).name, null, p_account, p_event_key, lower(p_command), coalesce(p_text, ''), p_place, p_parent, p_guild, p_source,
    p_design, p_message, coalesce(p_files, '[]'), p_reply_token, coalesce(p_interactive, true), null, null)::core.event;
  v_said core.inbox;
begin
  perform core.check_event(v_event);
  v_said := core.store_event(v_event);
  if v_said.outcome is not null then
    return v_said.outcome - 'told' || '{"again": true}';
  end if;
  v_said.outcome := core.take_event(v_event, p_username);
  update core.inbox i
     set outcome = v_said.outcome - 'user' - 'place', user_id = (v_said.outcome ->> 'user')::bigint, place_id = (v_said.outcome ->> 'place')::bigint
   where i.event_id = v_said.event_id;
  return v_said.outcome - 'user' - 'place' - 'told';
end $$;
revoke all on function api.receive_event(text, text, text, text, text, text, text, text, text, bigint, bigint, jsonb, text, boolean) from public;
comment on function api.receive_event(text, text, text, text, text, text, text, text, text, bigint, bigint, jsonb, text, boolean) is $$Take whatever a person has done in the calling front end: words, a command, a press of a button. The same key twice is one event. What there is to answer comes out of claim_deliveries.
p_account: the person's account in the calling front end, 1 to 200 characters.
p_username: the name to show, at most 100 characters.
p_event_key: idempotency key, the front end's own number of the event; attach_file comes before with the same.
p_command: say, design, status, cancel, files, mine, help, forget, approve, change or retry; any other is answered with the help.
p_text: the words, at most 64 kB.
p_place: where it happened: a thread, a direct-message channel, a terminal; null in a channel.
p_parent: the channel; null for a place of its own.
p_guild: the guild; null for direct messages and terminals.
p_source: the message that it was said with, to reply to, or to open a thread from.
p_design: the design that it is about; null for the one that is talked about there, or the person's newest.
p_message: the chat message whose button was pressed.
p_files: the files that came with it, [{name, bytes}]; those that were not attached are named in an answer.
p_reply_token: what lets its bearer answer the interaction, which is then answered privately.
p_interactive: whether the person can be asked; otherwise defaults are taken.
Returns: {outcome, design}, outcome being taken, answered, limited or ignored; and again, for a key that has come before.
Locks: the person's row, so that their events come in one by one, then the design's.
Raises: PB003, PB004 for a key that was used for something else, PB042.
Example:
terminal=> select receive_event('anna', 'Anna', 'k1', 'design', 'a 555 blinker', p_place => 'tty1');
{"design": 1, "outcome": "taken"}
terminal=> select receive_event('anna', 'Anna', 'k1', 'design', 'a 555 blinker', p_place => 'tty1');
{"again": true, "design": 1, "outcome": "taken"}
terminal=> select receive_event('bert', 'Bert', 'k2', 'cancel', p_place => 'tty2', p_design => 1);
{"design": null, "outcome": "answered"}
terminal=> select kind, place, content ->> 'text' from claim_deliveries('one', p_place => 'tty2');
answer | tty2 | There is no design 1 of yours.$$;
