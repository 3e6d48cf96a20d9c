-- say: an agent's words to the user of a design.
create or replace function core.say(p_state_id bigint, p_sender text, p_text text)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  insert into core.chat_messages (state_id, front_end, sender, text)
  select d.state_id, u.front_end, p_sender, left(p_text, 30000)
    from core.design_states d join core.users u using (user_id) where d.state_id = p_state_id;
  perform core.ring_front_ends(p_state_id);
end $$;
revoke all on function core.say(bigint, text, text) from public;
comment on function core.say(bigint, text, text) is 'Store a message to the user and ring.';
