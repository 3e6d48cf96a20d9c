create or replace function api.complete_tasks(p_task_ids bigint[], p_tokens uuid[], p_results jsonb[] default null)
returns table (task_id bigint, accepted boolean) language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  v_done bigint[];
  v_left record;
begin
  if cardinality(p_tokens) <> cardinality(p_task_ids) or cardinality(p_results) <> cardinality(p_task_ids) then
    raise exception 'give as many tokens and results as tasks' using errcode = 'PB007';
  end if;
  perform core.check_result(r) from unnest(p_results) r;
  if current_setting('synchronous_commit') = 'off' then
    perform core.commit_durably();
  end if;
  with said as materialized (
    select u.id, u.token, u.result from unnest(p_task_ids, p_tokens, p_results) u (id, token, result)
  ), ended as (
    delete from core.tasks t using said s
     where t.task_id = s.id and t.lease_token = s.token and t.agent = (core.caller()).role
       and t.state_id is null and t.fifo_key is null and not t.cancelled
    returning t.task_id, t.agent, t.attempt, t.lease_token, s.result, t.payload, t.enqueued_at
  ), kept as (
    insert into core.task_history as h (task_id, agent, attempt, lease_token, outcome, result, payload, enqueued_at)
    select e.task_id, e.agent, e.attempt, e.lease_token, 'done', e.result, e.payload, e.enqueued_at from ended e
    returning h.task_id
  )
  select coalesce(array_agg(k.task_id), '{}') into v_done from kept k;
  return query select d, true from unnest(v_done) d;
  if cardinality(v_done) = cardinality(p_task_ids) then
    return;
  end if;
  for v_left in
    select u.id, u.token, u.result from unnest(p_task_ids, p_tokens, p_results) u (id, token, result)
     where u.id <> all (v_done) order by u.id
  loop
    begin
      perform core.finish_task(v_left.id, v_left.token, v_left.result);
      return query select v_left.id::bigint, true;
    exception when sqlstate 'PB001' or sqlstate 'PB005' or sqlstate 'PB007' or sqlstate 'PB011' then
      return query select v_left.id::bigint, false;
    end;
  end loop;
end $$;
revoke all on function api.complete_tasks(bigint[], uuid[], jsonb[]) from public;
comment on function api.complete_tasks(bigint[], uuid[], jsonb[]) is $$Finish many tasks; says of each whether it was accepted, and one that is refused does not hold the others up.
p_task_ids: their numbers, as claimed.
p_tokens: their tokens, in the same order.
p_results: their results, in the same order.
Locks: as complete_task, in order of task_id.
Raises: PB003, and PB007 when the arrays differ in length.
Example:
admin=> select * from enqueue_tasks('kicad', array['{"n": 1}', '{"n": 2}']::jsonb[]);
1
2
kicad=> select d.* from (select array_agg(task_id) as ids, array_agg(lease_token) as tokens from claim_tasks(2)) c, complete_tasks(c.ids, c.tokens) d;
1 | t
2 | t$$;
