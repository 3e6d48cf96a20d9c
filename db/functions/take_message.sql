-- take_message: a user's words into a design of theirs, or into a new one.
-- Locks: the user's row, so that one person's messages come in one by one, and the design's.
-- Returns the design.   Raises: PB003 too large, PB004 key reused, PB006 not yours, PB010 has ended, PB060 limit reached.
create or replace function core.take_message(p_user_id bigint, p_text text, p_message_key text, p_design bigint, p_interactive boolean)
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_front_end constant name := (core.caller()).role;
  v_design bigint;
  v_same boolean;
  v_state text;
begin
  if octet_length(p_text) > 65536 then
    raise exception 'the message has % bytes, 65536 are allowed', octet_length(p_text) using errcode = 'PB003';
  end if;
  perform from core.users u where u.user_id = p_user_id for no key update;
  if not found then
    raise exception 'nobody vouches for a user' using errcode = 'PB006';  -- who was forgotten a moment ago
  end if;
  select m.state_id, m.text = p_text and d.user_id = p_user_id into v_design, v_same
    from core.chat_messages m join core.design_states d using (state_id)
   where m.front_end = v_front_end and m.message_key = p_message_key;
  if v_same then
    return v_design;
  elsif found then
    raise exception 'message key % was used for other words', p_message_key using errcode = 'PB004';
  end if;
  perform core.hold_to_limits(p_user_id, true, p_design is null);
  if p_design is null then
    return core.begin_design(p_user_id, v_front_end, p_text, p_message_key, p_interactive);
  end if;
  select d.state into v_state from core.design_states d
   where d.state_id = p_design and d.user_id = p_user_id and d.candidate_of is null for no key update;
  if not found then
    raise exception 'there is no design % of yours', p_design using errcode = 'PB006';
  elsif exists (select from core.states s where s.state = v_state and s.final) then
    raise exception 'design % has ended', p_design using errcode = 'PB010';
  end if;
  insert into core.chat_messages (state_id, front_end, sender, text, message_key)
  values (p_design, v_front_end, 'user', p_text, p_message_key);
  perform core.bind_attachments(p_user_id, p_message_key, p_design);
  if v_state = 'awaiting_user' then
    perform core.move_design(p_design, 'replied'), core.show_queue(p_design);
  end if;
  return p_design;
end $$;
revoke all on function core.take_message(bigint, text, text, bigint, boolean) from public;
comment on function core.take_message(bigint, text, text, bigint, boolean) is 'Take a known user''s message; what receive_message and send_message share.';
