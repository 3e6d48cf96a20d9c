-- say: an agent's words to the user of a design, and their delivery to where it is talked about, if it is anywhere.
-- p_kind: message, proposal or result.   p_more: what its delivery has beside the words, e.g. buttons.
create or replace function core.say(p_state_id bigint, p_sender text, p_text text, p_kind text default 'message', p_more jsonb default '{}')
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_place_id bigint;
  v_message core.chat_messages;
begin
  select u.front_end, d.place_id into v_message.front_end, v_place_id
    from core.design_states d join core.users u using (user_id) where d.state_id = p_state_id;
  if not found then
    return;  -- a task of no design is nobody's
  end if;
  insert into core.chat_messages as m (state_id, front_end, sender, text)
  values (p_state_id, v_message.front_end, p_sender, left(p_text, 30000)) returning m.* into v_message;
  if v_place_id is not null then
    perform core.deliver_words(v_message, p_kind, p_more);
  end if;
  perform core.ring_front_ends(p_state_id);
end $$;
revoke all on function core.say(bigint, text, text, text, jsonb) from public;
comment on function core.say(bigint, text, text, text, jsonb) is 'Store a message to the user, have it delivered and ring.';
