-- add_task: put one task into the queue and ring.   Raises: PB002 unknown agent, PB003 payload, PB004 key reused.
create or replace function core.add_task(
  p_agent name, p_payload jsonb, p_key text default null, p_priority int default 0, p_delay interval default '0',
  p_state_id bigint default null, p_fifo_key text default null, p_deadline timestamptz default null,
  p_attempt_limit int default null, p_blocked boolean default false)
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_agent core.agents;
  v_id constant bigint := nextval('core.task_id_seq');
  v_first bigint;
  v_blocked boolean := p_blocked;
begin
  select a.* into v_agent from core.agents a where a.name = p_agent;
  if not found or p_priority <> all (v_agent.priorities) then
    v_agent := core.receiving_agent(p_agent, p_priority);
  end if;
  if current_setting('synchronous_commit') = 'off' then
    perform core.commit_durably();
  end if;
  if p_key is not null then
    v_first := core.take_key(p_agent, p_key, v_id, jsonb_build_array(p_payload, p_priority, p_delay)
                 || case when num_nonnulls(p_fifo_key, p_deadline, p_attempt_limit) > 0
                         then jsonb_build_array(p_fifo_key, p_deadline, p_attempt_limit) else '[]' end);
    if v_first <> v_id then
      return v_first;
    end if;
  end if;
  if p_fifo_key is not null then
    perform core.lock_fifo_key(p_agent, p_fifo_key);
    v_blocked := p_blocked or exists (
      select from core.tasks t where t.agent = p_agent and t.fifo_key = p_fifo_key and t.state <> 'blocked');
  end if;
  insert into core.tasks (task_id, agent, payload, priority, attempt_limit, state_id, state, run_at, fifo_key, deadline)
  values (v_id, p_agent, p_payload, p_priority, coalesce(p_attempt_limit, v_agent.attempt_limit), p_state_id,
          case when v_blocked then 'blocked' when p_delay > '0' then 'scheduled' else 'ready' end::core.task_state,
          core.now() + p_delay, p_fifo_key, p_deadline);
  perform core.ring_bell(p_agent);
  return v_id;
end $$;
revoke all on function core.add_task(name, jsonb, text, int, interval, bigint, text, timestamptz, int, boolean) from public;
comment on function core.add_task(name, jsonb, text, int, interval, bigint, text, timestamptz, int, boolean)
  is 'Enqueue for any agent; what api.enqueue_task and the state machine share.';
