-- Who may call what: the whole list.  A test holds the catalogue to it, function by function.
do $$
declare
  v_agents     constant text := 'client_manager, pcb_designer, kicad, pcb_tester';
  v_front_ends constant text := 'terminal, discord_bot';
  v_people     constant text := 'admin, monitor';
  v_function   regprocedure;
  v_row        record;
begin
  execute format('grant usage on schema api to %s, %s, %s', v_agents, v_front_ends, v_people);
  for v_function in select p.oid from pg_proc p where p.pronamespace = 'api'::regnamespace loop
    execute format('revoke all on function %s from public, %s, %s, %s', v_function, v_agents, v_front_ends, v_people);
  end loop;
  for v_row in
    select g.roles, unnest(g.functions) as function from (values
      (v_agents, array['start_worker', 'claim_task', 'claim_tasks', 'heartbeat_task', 'complete_task', 'complete_tasks', 'complete_and_claim', 'fail_task',
                       'release_task', 'prepare_sleep', 'get_up', 'task_context', 'store_artifact', 'read_artifact']),
      ('kicad',  array['store_board']),
      (v_agents || ', ' || v_front_ends, array['send_notification', 'pending_notifications', 'acknowledge_notification',
                       'write_log']),
      (v_front_ends, array['receive_message', 'cancel_design']),
      (v_front_ends || ', ' || v_people, array['design_status', 'design_messages', 'design_files', 'read_file',
                       'bill_of_materials', 'netlist', 'design_history', 'list_designs']),
      ('admin', array['enqueue_task', 'enqueue_tasks', 'cancel_task', 'retry_task', 'pause_agent', 'resume_agent', 'schedule_task',
                       'unschedule_task', 'run_maintenance', 'cancel_design']),
      (v_agents || ', ' || v_front_ends || ', ' || v_people, array['help', 'schema_version', 'state_diagram'])
    ) g (roles, functions)
  loop
    for v_function in select p.oid from pg_proc p where p.pronamespace = 'api'::regnamespace and p.proname = v_row.function loop
      execute format('grant execute on function %s to %s', v_function, v_row.roles);
    end loop;
  end loop;
end $$;
