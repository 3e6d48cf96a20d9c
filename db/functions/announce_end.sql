-- announce_end: tell the user how the design ended (a refusal has been told already), and the agents that listen.
create or replace function core.announce_end(p_state_id bigint)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_design core.design_states;
begin
  select d.* into v_design from core.design_states d where d.state_id = p_state_id;
  if v_design.state = 'resolved' then
    perform core.say(p_state_id, 'pcb_tester', format('Passed at attempt %s of %s. The files are ready.', v_design.attempt, v_design.attempt_limit),
                     'result');
    perform core.deliver_files(p_state_id);
  elsif v_design.state = 'failed' then
    perform core.say(p_state_id, 'pcb_tester', format('This did not become a board: %s.', rtrim(coalesce(v_design.error, 'no reason was given'), '.')),
                     'message', '{"buttons": ["retry"]}');
  elsif v_design.state = 'cancelled' then
    perform core.say(p_state_id, 'client_manager', 'The design is cancelled.');
  end if;
  perform core.notify_agents('design_completed', jsonb_build_object('design', p_state_id, 'state', v_design.state), p_state_id => p_state_id);
end $$;
revoke all on function core.announce_end(bigint) from public;
comment on function core.announce_end(bigint) is 'Tell the user and the listening agents that a design has ended.';
