-- last_message_id: the user's last message of a design; 0 when there is none.
create or replace function core.last_message_id(p_state_id bigint)
returns bigint language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return (select coalesce(max(m.message_id), 0) from core.chat_messages m where m.state_id = p_state_id and m.sender = 'user');
end $$;
revoke all on function core.last_message_id(bigint) from public;
comment on function core.last_message_id(bigint) is 'The user''s last message of a design, 0 when there is none.';
