-- bind_attachments: files that were sent before a message belong to its design from now on.
create or replace function core.bind_attachments(p_user_id bigint, p_message_key text, p_state_id bigint)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  update core.attachments a set state_id = p_state_id
   where a.user_id = p_user_id and a.message_key = p_message_key and a.state_id is null;
end $$;
revoke all on function core.bind_attachments(bigint, text, bigint) from public;
comment on function core.bind_attachments(bigint, text, bigint) is 'Bind the files of a message to its design.';
