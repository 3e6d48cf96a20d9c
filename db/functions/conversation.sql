-- conversation: the talk of a design, oldest first, as [{sender, text}].
create or replace function core.conversation(p_state_id bigint)
returns jsonb language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('sender', m.sender, 'text', m.text) order by m.message_id), '[]')
      from core.chat_messages m where m.state_id = p_state_id);
end $$;
revoke all on function core.conversation(bigint) from public;
comment on function core.conversation(bigint) is 'The talk of a design as [{sender, text}], oldest first.';
