-- retry_design: a new design like one that did not become a board: of its requirement, which the user has approved, without
-- another talk; or from their first words, when it had none.  Its files come along.   Returns the new design.
create or replace function core.retry_design(p_design core.design_states, p_key text)
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_front_end constant name := (core.caller()).role;
  v_new bigint;
begin
  insert into core.attachments (user_id, message_key, name, content)
  select p_design.user_id, p_key, f.name, f.content
    from (select distinct on (a.name) a.name, a.content from core.attachments a where a.state_id = p_design.state_id order by a.name, a.attachment_id desc) f;
  if not core.was_approved(p_design.state_id) then
    return core.begin_design(p_design.user_id, v_front_end, core.first_words(p_design.state_id), p_key, p_design.interactive);
  end if;
  insert into core.design_states (user_id, state, state_description, interactive, requirement, attempt_limit)
  values (p_design.user_id, 'designing', p_design.state_description, p_design.interactive, p_design.requirement,
          core.setting('design_attempt_limit')::smallint) returning state_id into v_new;
  insert into core.chat_messages (state_id, front_end, sender, text, message_key)
  values (v_new, v_front_end, 'user', core.first_words(p_design.state_id), p_key);
  perform core.bind_attachments(p_design.user_id, p_key, v_new),
          core.record_event(v_new, null, 'retried', 'designing'),
          api.enqueue_task('pcb_designer', jsonb_build_object('design', v_new), p_design => v_new);
  return v_new;
end $$;
revoke all on function core.retry_design(core.design_states, text) from public;
comment on function core.retry_design(core.design_states, text) is 'A new design like one that did not become a board.';
