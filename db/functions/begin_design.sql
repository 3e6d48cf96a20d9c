-- begin_design: a brief has come: a design, its first message, its first event and client_manager's task.
create or replace function core.begin_design(p_user_id bigint, p_front_end name, p_text text, p_message_key text, p_interactive boolean)
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_design bigint;
begin
  insert into core.design_states (user_id, interactive, attempt_limit)
  values (p_user_id, p_interactive, core.setting('design_attempt_limit')::smallint) returning state_id into v_design;
  insert into core.chat_messages (state_id, front_end, sender, text, message_key)
  values (v_design, p_front_end, 'user', p_text, p_message_key);
  perform core.bind_attachments(p_user_id, p_message_key, v_design);
  perform core.record_event(v_design, null, 'received', 'briefing');
  perform api.enqueue_task('client_manager', jsonb_build_object('design', v_design), p_design => v_design);
  perform core.show_queue(v_design);
  return v_design;
end $$;
revoke all on function core.begin_design(bigint, name, text, text, boolean) from public;
comment on function core.begin_design(bigint, name, text, text, boolean) is 'Begin a design from a brief.';
