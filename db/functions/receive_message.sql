-- receive_message: a user's words come in through a front end; the first of a talk begins a design.  The same key
-- twice is one message.   Locks: as core.take_message.
-- Returns the design.   Raises: PB003 too large, PB004 key reused, PB006 not yours, PB010 has ended.
create or replace function api.receive_message(
  p_account text, p_username text, p_text text, p_message_key text,
  p_design bigint default null, p_interactive boolean default true)
returns bigint language sql volatile security definer
set search_path = pg_catalog, pg_temp as $$
  select core.take_message(core.known_user((core.caller()).role, p_account, p_username), p_text, p_message_key, p_design, p_interactive)
$$;
revoke all on function api.receive_message(text, text, text, text, bigint, boolean) from public;
comment on function api.receive_message(text, text, text, text, bigint, boolean) is 'Take a user''s message; begins a design when none is named. Idempotent by key.';
