create or replace function api.begin_model_call(
  p_task_id bigint, p_token uuid, p_model text, p_prompt text, p_prompt_version text, p_request jsonb, p_recorded boolean default false)
returns table (call_id bigint, recorded text) language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_task constant core.tasks := core.held_task(p_task_id, p_token);
  v_hash constant bytea := sha256(convert_to(p_request::text, 'UTF8'));
begin
  if octet_length(p_request::text) > 16777216 then
    raise exception 'the request has % bytes, 16777216 are allowed', octet_length(p_request::text) using errcode = 'PB003';
  elsif (length(p_model) between 1 and 200 and length(p_prompt) between 1 and 100 and length(p_prompt_version) between 1 and 50
         and jsonb_typeof(p_request) = 'object') is not true then
    raise exception 'a call names a model, a prompt and its version, and its request is an object' using errcode = 'PB042';
  end if;
  perform core.check_model_budget(v_task);
  if p_recorded then
    recorded := core.recorded_answer(v_task.agent, core.root_design(v_task.state_id), p_model, v_hash);
  end if;
  update core.model_calls c set status = 'failed', problem = 'lost'  -- an earlier worker's, which fell silent
   where c.task_id = p_task_id and c.status = 'open' and c.lease_token <> p_token;
  insert into core.model_calls as c (agent, state_id, root_id, user_id, attempt, task_id, lease_token, model, prompt, prompt_version, prompt_id,
                                     status, recorded, prompt_tokens, completion_tokens, latency_s)
  select v_task.agent, v_task.state_id, core.root_design(v_task.state_id), d.user_id, d.attempt + (v_task.agent = 'pcb_designer')::int,
         p_task_id, p_token, p_model, p_prompt, p_prompt_version,
         (select p.prompt_id from core.prompts p where p.name = p_prompt and p.version = p_prompt_version order by p.said_at desc limit 1),
         'open', coalesce(p_recorded, false), 0, 0, 0
    from (select) one left join core.design_states d on d.state_id = v_task.state_id
  returning c.call_id into call_id;
  insert into core.model_exchanges (call_id, request, request_hash) values (call_id, p_request, v_hash);
  return next;
end $$;
revoke all on function api.begin_model_call(bigint, uuid, text, text, text, jsonb, boolean) from public;
comment on function api.begin_model_call(bigint, uuid, text, text, text, jsonb, boolean) is $$Ask whether a model may be asked now, and keep what it is asked; end_model_call or fail_model_call says how it went.
p_task_id: number of the task, as claimed.
p_token: its token, as claimed.
p_model: name of the model, 1 to 200 characters.
p_prompt: name of the prompt file; the call refers to the text that record_prompt last said for it.
p_prompt_version: version of the prompt file.
p_request: {messages, schema, tools, temperature, max_tokens, …}, at most 16 MB; the SHA-256 of its jsonb text is what a recording is found by.
p_recorded: true takes the answer that was recorded for the same request in an earlier design: the k-th one for the k-th time.
Returns: the call's number, and the recorded answer if one was asked for.
Locks: the design's row or the FIFO key, then the task's row; calls for a design and its candidates begin one by one.
Raises: PB001, PB003, PB042, PB050 when a limit of the task, the design or the user is reached, PB051.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
client_manager=> select c.call_id, c.recorded from claim_task() t, begin_model_call(t.task_id, t.lease_token, 'm', 'client_manager', '1', '{"messages": []}') c;
1 |
client_manager=> select begin_model_call(1, gen_random_uuid(), 'm', 'client_manager', '1', '{"messages": []}');
PB001: the lease of task 1 is lost$$;
