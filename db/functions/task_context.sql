create or replace function api.task_context(p_task_id bigint, p_token uuid)
returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_task constant core.tasks := core.held_task(p_task_id, p_token);
  v_design core.design_states;
  v_script core.design_scripts;
begin
  if v_task.state_id is null then
    return v_task.payload;
  end if;
  select d.* into v_design from core.design_states d where d.state_id = v_task.state_id;
  if v_task.agent = 'client_manager' then  -- remembered, so that words said meanwhile are not left unanswered
    update core.tasks t set payload = t.payload || jsonb_build_object('heard', core.last_message_id(v_task.state_id))
     where t.task_id = p_task_id;
  end if;
  select s.* into v_script from core.design_scripts s where s.script_id = core.last_script_id(v_task.state_id);
  return v_task.payload || jsonb_build_object(
    'design', v_design.state_id, 'interactive', v_design.interactive,
    'attempt', v_design.attempt + (v_task.agent = 'pcb_designer')::int, 'attempt_limit', v_design.attempt_limit,
    'requirement', v_design.requirement, 'script', v_script.script_content,
    'errors', core.last_report(v_script.script_id), 'history', core.attempt_history(v_design.state_id),
    'best', core.best_attempt(v_design.state_id), 'unchanged', core.unchanged_codes(v_design.state_id),
    'candidates', core.candidates_wanted(v_task), 'candidate', v_design.candidate,
    'attachments', core.attachment_list(coalesce(v_design.candidate_of, v_design.state_id)), 'proposal_shown', core.was_proposed(v_design),
    'conversation', case when v_task.agent = 'client_manager' then core.conversation(v_design.state_id) end);
end $$;
revoke all on function api.task_context(bigint, uuid) from public;
comment on function api.task_context(bigint, uuid) is $$All that the holder of a task needs to know of its design; the larger files by read_artifact.
p_task_id: number of the task, as claimed.
p_token: its token, as claimed.
Returns: {design, interactive, attempt, attempt_limit, requirement, conversation, script, errors, history, best, unchanged, candidates, candidate, attachments, proposal_shown}; for pcb_designer the attempt that is to be written.  best is {attempt, script, errors} of the attempt that came farthest, unchanged the codes that the last two reports share, candidates how many to branch into (0: none), candidate which one of them it is (or null), attachments [{name, bytes}], proposal_shown whether the user has answered a proposal of this requirement.
Locks: the design's row, then the task's.
Raises: PB001.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
client_manager=> select x ->> 'design', x -> 'conversation' from claim_task(), task_context(task_id, lease_token) x;
1 | [{"text": "a blinker", "sender": "user"}]$$;
