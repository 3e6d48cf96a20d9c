-- take_result: store what the agent delivered and move its design.   Raises: PB005, PB007 bad result.
create or replace function core.take_result(p_task core.tasks, p_result jsonb)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_outcome constant text := p_result ->> 'outcome';
  v_script_id constant bigint := core.last_script_id(p_task.state_id);
begin
  if v_outcome is null then
    raise exception '% must say an outcome', p_task.agent using errcode = 'PB007';
  end if;
  case p_task.agent
    when 'client_manager' then perform core.take_reply(p_task.state_id, p_result);
    when 'pcb_designer'   then perform core.take_script(p_task.state_id, p_result);
    when 'kicad'          then perform core.take_board(p_task.agent, v_script_id, p_result);
    when 'pcb_tester'     then perform core.take_verdict(p_task.state_id, v_script_id, p_result);
    else raise exception '% works on no design', p_task.agent using errcode = 'PB007';
  end case;
  if v_outcome = 'branched' then
    perform core.branch_design(p_task);
  end if;
  perform core.move_design(p_task.state_id, v_outcome, p_task, p_result ->> 'reason');
  if v_outcome = 'branched' then
    perform core.show_progress(p_task.state_id, 'several candidates are being tried');
  end if;
  if v_outcome = 'asked' and (p_task.payload ->> 'heard')::bigint < core.last_message_id(p_task.state_id) then
    perform core.move_design(p_task.state_id, 'replied');  -- the user spoke while client_manager was thinking
  end if;
end $$;
revoke all on function core.take_result(core.tasks, jsonb) from public;
comment on function core.take_result(core.tasks, jsonb) is 'Store a result by its agent''s shape, then move the design.';
