-- send_message: the words of the user whom the gateway vouches for; the first of a talk begins a design.  There is no
-- account to name: who speaks is settled by core.caller().  A key is that user's own: others may use the same.
-- Locks: as core.take_message.
-- Returns the design.   Raises: PB003 too large, PB004 key reused, PB006 not yours or no user, PB010 has ended.
create or replace function api.send_message(
  p_text text, p_message_key text, p_design bigint default null, p_interactive boolean default true)
returns bigint language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_user_id bigint;
begin
  select u.user_id into v_user_id from core.users u where u.user_id = (core.caller()).user_id;
  if not found then
    raise exception 'nobody vouches for a user' using errcode = 'PB006';
  end if;
  return core.take_message(v_user_id, p_text, format('%s:%s', v_user_id, p_message_key), p_design, p_interactive);
end $$;
revoke all on function api.send_message(text, text, bigint, boolean) from public;
comment on function api.send_message(text, text, bigint, boolean) is 'Take a message of the gateway''s user; begins a design when none is named. Idempotent by key.';
