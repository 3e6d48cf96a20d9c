-- deliver_words: a chat message for whoever talks about its design, in pages; the last is of its kind and has its buttons.
create or replace function core.deliver_words(p_message core.chat_messages, p_kind text, p_more jsonb)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_length int;
  v_pages text[];
begin
  select f.message_length into v_length
    from core.design_states d join core.places p using (place_id) join core.front_ends f on f.name = p.front_end
   where d.state_id = p_message.state_id;
  v_pages := array(select core.pages(p_message.text, v_length));
  for v_page in 1 .. cardinality(v_pages) loop
    perform core.deliver(p_message.state_id, case when v_page = cardinality(v_pages) then p_kind else 'message' end,
      jsonb_build_object('text', v_pages[v_page], 'sender', p_message.sender, 'message', p_message.message_id)
        || case when v_page = cardinality(v_pages) then p_more else '{}' end,
      p_message.message_id);
  end loop;
end $$;
revoke all on function core.deliver_words(core.chat_messages, text, jsonb) from public;
comment on function core.deliver_words(core.chat_messages, text, jsonb) is 'Write the deliveries of a chat message.';
