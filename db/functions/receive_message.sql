create or replace function api.receive_message(
  p_account text, p_username text, p_text text, p_message_key text,
  p_design bigint default null, p_interactive boolean default true)
returns bigint language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  select core.take_message(core.known_user((core.caller()).role, p_account, p_username), p_text, p_message_key, p_design, p_interactive)
$$;
revoke all on function api.receive_message(text, text, text, text, bigint, boolean) from public;
comment on function api.receive_message(text, text, text, text, bigint, boolean) is $$Take a user's words; the first of a talk begins a design. The same key twice is one message.
p_account: the person's account in the calling front end, 1 to 200 characters.
p_username: the name to show, at most 100 characters.
p_text: the words, at most 64 kB.
p_message_key: idempotency key, the front end's own number of the message.
p_design: the design that they belong to; null begins one.
p_interactive: whether the person can be asked; otherwise defaults are taken.
Returns: the design's number.
Locks: the person's row, so that their messages come in one by one, then the design's.
Raises: PB003, PB004, PB006, PB010, PB042 for an account or a name that is none, PB060 where the front end holds people to limits.
Example:
terminal=> select receive_message('anna', 'Anna', 'a 555 blinker, 1 Hz, from 9 V', 'k1');
1
terminal=> select receive_message('anna', 'Anna', 'a 555 blinker, 1 Hz, from 9 V', 'k1');
1
terminal=> select receive_message('bert', 'Bert', 'make it red', 'k2', 1);
PB006: there is no design 1 of yours$$;
