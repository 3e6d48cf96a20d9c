create or replace function api.attach_file(p_account text, p_username text, p_message_key text, p_name text, p_content bytea)
returns bigint language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_user_id constant bigint := core.known_user((core.caller()).role, p_account, p_username);
  v_file core.attachments;
begin
  if p_message_key is null or length(p_message_key) not between 1 and 200 or p_content is null then
    raise exception 'a file comes with content and with a message''s key of 1 to 200 characters' using errcode = 'PB042';
  elsif octet_length(p_content) > 8388608 then
    raise exception '% has % bytes, 8388608 are allowed', p_name, octet_length(p_content) using errcode = 'PB003';
  elsif core.is_file_name(p_name) is not true then
    raise exception '"%" is no plain relative path', p_name using errcode = 'PB040';
  elsif core.file_problem(p_name, octet_length(p_content)) is not null then
    raise exception '%', core.file_problem(p_name, octet_length(p_content)) using errcode = 'PB047';
  end if;
  perform from core.users u where u.user_id = v_user_id for no key update;
  select a.* into v_file from core.attachments a where a.user_id = v_user_id and a.message_key = p_message_key and a.name = p_name;
  if v_file.content = p_content then
    return v_file.attachment_id;
  elsif exists (select from core.chat_messages m where m.front_end = (core.caller()).role and m.message_key = p_message_key)
        or exists (select from core.inbox i where i.front_end = (core.caller()).role and i.event_key = core.erased_key(p_message_key)) then
    raise exception 'the message % has come already, without this file', p_message_key using errcode = 'PB004';
  elsif v_file.attachment_id is null and (
      select count(*) from core.attachments a where a.user_id = v_user_id and a.message_key = p_message_key) >= 10 then
    raise exception 'message % has ten files already', p_message_key using errcode = 'PB045';
  end if;
  insert into core.attachments as a (user_id, message_key, name, content) values (v_user_id, p_message_key, p_name, p_content)
    on conflict (user_id, message_key, name) do update set content = excluded.content, attached_at = core.now()
  returning a.attachment_id into v_file.attachment_id;
  return v_file.attachment_id;
end $$;
revoke all on function api.attach_file(text, text, text, text, bytea) from public;
comment on function api.attach_file(text, text, text, text, bytea) is $$Store a file that comes with a user's message, before the message: receive_message with the same key binds it to the design. Said twice it is one file; what is bound to nothing within a day is deleted.
p_account: the person's account in the calling front end, 1 to 200 characters.
p_username: the name to show, at most 100 characters.
p_message_key: the key that receive_message will be given.
p_name: a plain relative path of at most 200 characters, of a kind that attachment_problem takes.
p_content: at most 8 MB; ten files a message.
Returns: the file's number.
Locks: the person's row.
Raises: PB003, PB004 for a message that has come already, PB040, PB042, PB045, PB047.
Example:
terminal=> select attach_file('anna', 'Anna', 'k1', 'netlist.csv', 'R1,1k');
1
terminal=> select receive_message('anna', 'Anna', 'a board for this netlist', 'k1');
1
client_manager=> select x -> 'attachments' from claim_task(), task_context(task_id, lease_token) x;
[{"name": "netlist.csv", "bytes": 5}]$$;
