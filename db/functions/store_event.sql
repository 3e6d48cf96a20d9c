-- store_event: the event's row in the inbox, with an outcome when it has come before; who stores the same waits for us.
-- A message that receive_message has taken has come before, too, and one whose person was forgotten since.   Raises: PB004 key reused.
create or replace function core.store_event(p_event core.event)
returns core.inbox language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_digest constant bytea := sha256(convert_to(
    jsonb_build_array(p_event.account, p_event.command, p_event.words, p_event.design, p_event.message)::text, 'UTF8'));
  v_row core.inbox;
  v_erased core.inbox;
begin
  insert into core.inbox as i (front_end, event_key, digest, command) values (p_event.front_end, p_event.key, v_digest, p_event.command)
    on conflict (front_end, event_key) do nothing returning i.* into v_row;
  if found then
    select i.* into v_erased from core.inbox i where i.front_end = p_event.front_end and i.event_key = core.erased_key(p_event.key);
    if found then
      delete from core.inbox i where i.event_id = v_row.event_id;
      return v_erased;
    end if;
    select jsonb_build_object('outcome', 'taken', 'design', m.state_id) into v_row.outcome
      from core.chat_messages m where m.front_end = p_event.front_end and m.message_key = p_event.key;
    return v_row;
  end if;
  select i.* into v_row from core.inbox i where i.front_end = p_event.front_end and i.event_key = p_event.key;
  if v_row.digest <> v_digest then
    raise exception 'event key % was used for something else', p_event.key using errcode = 'PB004';
  end if;
  return v_row;
end $$;
revoke all on function core.store_event(core.event) from public;
comment on function core.store_event(core.event) is 'Store an event, or find what became of it.';
