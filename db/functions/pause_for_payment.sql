-- pause_for_payment: the model service asks for payment (HTTP 402): its agent is paused, the task keeps its place and its
-- attempts, and the user is told, once as long as nothing else is said.
-- The caller holds the agent's row, then the design's and the task's.
create or replace function core.pause_for_payment(p_task core.tasks)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_root constant bigint := core.root_design(p_task.state_id);
  v_words constant text := format('Your design waits: the model service asks for payment (HTTP 402), so %1$s is paused. Nothing is lost. '
    'An administrator pays, or names another model with ./mas agent model %1$s model=NAME, and then says ./mas agent resume %1$s.', p_task.agent);
begin
  update core.agents a set paused = true where a.name = p_task.agent;
  perform api.release_task(p_task.task_id, p_task.lease_token);
  perform core.show_progress(p_task.state_id, format('waits: %s is paused until the model service is paid', p_task.agent));
  if v_words is distinct from (select m.text from core.chat_messages m where m.state_id = v_root order by m.message_id desc limit 1) then
    perform core.say(v_root, p_task.agent, v_words);
  end if;
end $$;
revoke all on function core.pause_for_payment(core.tasks) from public;
comment on function core.pause_for_payment(core.tasks) is 'Pause the agent and hand the task back untouched; the user is told once.';
