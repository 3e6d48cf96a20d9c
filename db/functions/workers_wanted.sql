-- For whoever starts and ends processes (KEDA asks every few seconds).  What is due and not yet promoted counts: where no
-- worker lives, nobody promotes it.
create or replace function api.workers_wanted(p_agent name)
returns int language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  v_agent core.agents;
  v_working int;
  v_waiting int := 0;
begin
  select a.* into v_agent from core.agents a where a.name = p_agent and not a.front_end;
  if not found then
    raise exception 'there is no agent %', coalesce(p_agent, 'null') using errcode = 'PB002';
  end if;
  select count(*) into v_working from core.tasks t where t.state = 'working' and t.agent = p_agent;
  if not v_agent.paused then
    select count(*) into v_waiting from (  -- no more than can be had are counted, however many wait
      (select from unnest(v_agent.priorities) p (priority), lateral (
         select from core.tasks t where t.agent = p_agent and t.priority = p.priority and t.state = 'ready' limit v_agent.replicas) r)
       union all
      (select from core.tasks t where t.agent = p_agent and t.state = 'scheduled' and t.run_at <= core.now() limit v_agent.replicas)) w;
  end if;
  return least(v_working + v_waiting, v_agent.replicas, v_agent.slots);
end $$;
revoke all on function api.workers_wanted(name) from public;
comment on function api.workers_wanted(name) is $$How many processes of an agent would have a task in hand now: those at work and one for each task that could be claimed.
p_agent: the agent.
Returns: 0 to its replicas, which is how many its login has room for, and no more than its slots; of a paused agent only those at work.
Raises: PB002.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
scaler=> select workers_wanted('kicad');
1$$;
