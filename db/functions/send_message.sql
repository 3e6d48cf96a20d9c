-- There is no account to name: who speaks is settled by core.caller().
create or replace function api.send_message(
  p_text text, p_message_key text, p_design bigint default null, p_interactive boolean default true)
returns bigint language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_user_id bigint;
begin
  if p_text is null or p_message_key is null or length(p_message_key) not between 1 and 200 then
    raise exception 'a message has words, and a key of 1 to 200 characters' using errcode = 'PB042';
  end if;
  select u.user_id into v_user_id from core.users u where u.user_id = (core.caller()).user_id;
  if not found then
    raise exception 'nobody vouches for a user' using errcode = 'PB006';
  end if;
  return core.take_message(v_user_id, p_text, format('%s:%s', v_user_id, p_message_key), p_design, p_interactive);
end $$;
revoke all on function api.send_message(text, text, bigint, boolean) from public;
comment on function api.send_message(text, text, bigint, boolean) is $$Take a message of the user whom the gateway vouches for; the first of a talk begins a design. A key is that user's own: others may use the same.
p_text: the words, at most 64 kB.
p_message_key: idempotency key of this user, 1 to 200 characters.
p_design: the design that they belong to; null begins one.
p_interactive: whether the person can be asked; otherwise defaults are taken.
Returns: the design's number.
Locks: the person's row, so that their messages come in one by one, then the design's.
Raises: PB003, PB004, PB006 not yours, or no user, PB010, PB042, PB060 by user_messages_per_minute, user_designs_at_once or user_designs_per_day.
Example:
gateway=> select begin_request('anna');
1
web_user=> select send_message('a 555 blinker, 1 Hz, from 9 V', 'k1');
1$$;
