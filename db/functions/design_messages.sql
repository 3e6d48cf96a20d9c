create or replace function api.design_messages(p_design bigint, p_after bigint default 0)
returns table (message_id bigint, sender text, text text, sent_at timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform core.design_of_caller(p_design);
  return query select m.message_id, m.sender, m.text, m.sent_at from core.chat_messages m
                where m.state_id = p_design and m.message_id > p_after order by m.message_id;
end $$;
revoke all on function api.design_messages(bigint, bigint) from public;
comment on function api.design_messages(bigint, bigint) is $$The talk of a design after a message, oldest first.
p_design: number of the design.
p_after: number of the last message that is known.
Raises: PB006.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
terminal=> select message_id, sender, text from design_messages(1);
1 | user | a blinker$$;
