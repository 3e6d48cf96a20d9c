-- add_task: put one task into the queue and ring.   Raises: PB002 unknown agent, PB003 payload, PB004 key reused.
create or replace function core.add_task(
  p_agent name, p_payload jsonb, p_key text default null, p_priority int default 0,
  p_delay interval default '0', p_state_id bigint default null)
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_hash bytea;
  v_agent core.agents;
  v_id bigint := nextval('core.task_id_seq');
  v_old core.task_keys;
begin
  select a.* into v_agent from core.agents a where a.name = p_agent;
  if not found then
    raise exception 'there is no agent %', p_agent using errcode = 'PB002';
  elsif octet_length(p_payload::text) > 65536 then
    raise exception 'the payload has % bytes, 65536 are allowed', octet_length(p_payload::text) using errcode = 'PB003';
  elsif jsonb_path_exists(p_payload, '$.**{33}') then
    raise exception 'the payload is nested more than 32 deep' using errcode = 'PB003';
  end if;
  if p_key is not null then
    v_hash := sha256(convert_to(jsonb_build_array(p_payload, p_priority, p_delay)::text, 'UTF8'));
    insert into core.task_keys (agent, key, arguments_hash, task_id) values (p_agent, p_key, v_hash, v_id)
      on conflict do nothing;
    if not found then
      select k.* into v_old from core.task_keys k where k.agent = p_agent and k.key = p_key;
      if v_old.arguments_hash <> v_hash then
        raise exception 'key % was used with other arguments', p_key using errcode = 'PB004';
      end if;
      return v_old.task_id;
    end if;
  end if;
  insert into core.tasks (task_id, agent, payload, priority, attempt_limit, state_id, state, run_at)
  values (v_id, p_agent, p_payload, p_priority, v_agent.attempt_limit, p_state_id,
          case when p_delay > '0' then 'scheduled' else 'ready' end, core.now() + p_delay);
  perform core.ring_bell(p_agent);
  return v_id;
end $$;
revoke all on function core.add_task(name, jsonb, text, int, interval, bigint) from public;
comment on function core.add_task(name, jsonb, text, int, interval, bigint) is 'Enqueue for any agent; what api.enqueue_task and the state machine share.';
