-- first_words: the brief of a design, as its user wrote it.
create or replace function core.first_words(p_state_id bigint)
returns text language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return (select m.text from core.chat_messages m where m.state_id = p_state_id and m.sender = 'user' order by m.message_id limit 1);
end $$;
revoke all on function core.first_words(bigint) from public;
comment on function core.first_words(bigint) is 'The first message of a design''s user.';
