-- Who may call what: the whole list, by group.  A test holds the catalogue to it, function by function.
do $$
declare
  v_agents         constant text := 'mas_agent';
  v_front_ends     constant text := 'mas_front_end';
  v_people         constant text := 'admin, monitor';
  v_web            constant text := 'web_user';
  v_administrator  constant text := 'mas_administrator';
  v_function       regprocedure;
  v_row            record;
begin
  for v_row in  -- whatever was granted before, also by name
    select p.oid::regprocedure as function, case when a.grantee = 0 then 'public' else quote_ident(a.grantee::regrole::text) end as grantee
      from pg_proc p, aclexplode(p.proacl) a
     where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace) and a.grantee <> p.proowner
  loop
    execute format('revoke all on function %s from %s', v_row.function, v_row.grantee);
  end loop;
  revoke usage on schema api from client_manager, pcb_designer, kicad, pcb_tester, terminal, discord_bot;
  execute format('grant usage on schema api to %s, %s, %s, %s, %s, gateway', v_agents, v_front_ends, v_people, v_web, v_administrator);
  for v_row in
    select g.roles, unnest(g.functions) as function from (values
      (v_agents, array['start_worker', 'claim_task', 'claim_tasks', 'heartbeat_task', 'complete_task', 'complete_tasks', 'complete_and_claim', 'fail_task',
                       'release_task', 'prepare_sleep', 'get_up', 'task_context', 'store_artifact', 'read_artifact', 'record_model_call',
                       'agent_model', 'record_prompt', 'begin_model_call', 'end_model_call', 'fail_model_call',
                       'read_attachment', 'similar_designs']),
      ('kicad',  array['store_board']),
      (v_agents || ', ' || v_front_ends, array['send_notification', 'pending_notifications', 'acknowledge_notification',
                       'write_log', 'log_event']),
      (v_front_ends, array['receive_event', 'start_front_end', 'claim_deliveries', 'record_delivery', 'fail_delivery', 'split_delivery',
                       'move_cursor', 'list_places', 'receive_message', 'attach_file', 'attachment_problem']),
      (v_front_ends || ', admin', array['share_design']),
      ('pcb_designer, kicad, admin', array['store_library']),
      ('gateway', array['begin_request']),
      (v_web, array['send_message']),
      (v_front_ends || ', ' || v_web, array['cancel_design', 'pause_design', 'resume_design', 'fork_design', 'replay_design']),
      (v_front_ends || ', ' || v_people || ', ' || v_web, array['design_status', 'design_messages', 'design_files', 'read_file',
                       'bill_of_materials', 'netlist', 'design_history', 'list_designs', 'model_exchanges']),
      ('admin', array['enqueue_task', 'enqueue_tasks', 'cancel_task', 'retry_task', 'pause_agent', 'resume_agent', 'schedule_task',
                       'unschedule_task', 'run_maintenance', 'set_agent_channels', 'cancel_design', 'pause_design', 'resume_design',
                       'fork_design', 'replay_design']),
      ('admin', array['change_setting', 'register_agent', 'change_agent', 'retire_agent', 'set_agent_model',
                      'import_rows', 'export_rows', 'forget_user', 'allow_place', 'disallow_place', 'list_allowed_places']),
      (v_people, array['agent_metrics', 'delivery_metrics', 'design_metrics', 'model_metrics']),
      (v_people, array['list_settings', 'setting_history', 'import_columns', 'list_agents', 'check_hardening', 'model_settings',
                      'backup_status']),
      (v_administrator, array['register_agent', 'change_agent', 'list_agents', 'login_of_agent', 'check_verifier', 'create_login',
                              'rotate_login', 'revoke_login', 'fit_logins', 'check_hardening']),
      (v_agents || ', ' || v_front_ends || ', ' || v_people, array['find_parts', 'find_symbols', 'find_footprints', 'library_version']),
      (v_agents || ', ' || v_front_ends || ', ' || v_people || ', ' || v_web, array['help', 'openapi', 'schema_version', 'require_version', 'state_diagram', 'state_machine'])
    ) g (roles, functions)
  loop
    for v_function in select p.oid from pg_proc p where p.pronamespace = 'api'::regnamespace and p.proname = v_row.function loop
      execute format('grant execute on function %s to %s', v_function, v_row.roles);
    end loop;
  end loop;
  -- the views for people, and the functions that they and row security call with the reader's rights; nobody has the
  -- schema core, so none of these can be called by name
  execute format('grant select on all tables in schema api to %s', v_people);
  execute format('grant select on api.my_designs, api.queue_load to %s', v_web);
  execute format('grant execute on function core.now(), core.caller(), core.sees_user(name, bigint), core.sees_every_user() to %s, %s', v_people, v_web);
end $$;
