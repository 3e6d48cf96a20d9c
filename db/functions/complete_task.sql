create or replace function api.complete_task(p_task_id bigint, p_token uuid, p_result jsonb default null)
returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
  -- nothing hangs on most tasks: one statement is all, and the fence is in it
  with ended as (
    delete from core.tasks t
     where t.task_id = p_task_id and t.lease_token = p_token and t.agent = (core.caller()).role
       and t.state_id is null and t.fifo_key is null and not t.cancelled
    returning t.agent, t.attempt, t.payload, t.enqueued_at)
  insert into core.task_history (task_id, agent, attempt, lease_token, outcome, result, payload, enqueued_at)
  select p_task_id, e.agent, e.attempt, p_token, 'done', p_result, e.payload, e.enqueued_at from ended e;
  if not found then
    return core.finish_task(p_task_id, p_token, p_result);
  end if;
  if p_result is not null then
    perform core.check_result(p_result);
  end if;
  if current_setting('synchronous_commit') = 'off' then
    perform core.commit_durably();
  end if;
  return p_result;
end $$;
revoke all on function api.complete_task(bigint, uuid, jsonb) from public;
comment on function api.complete_task(bigint, uuid, jsonb) is $$Finish a task under its lease; its design moves on in the same transaction. Said twice, the same answer; said late, PB001.
p_task_id: number of the task, as claimed.
p_token: its token, as claimed.
p_result: what came out, at most 1 MB and 32 levels; for a design's task in the shape that its agent must deliver.
Returns: the stored result; null when the task was cancelled meanwhile.
Locks: the design's row or the FIFO key, then the task's row.
Raises: PB001 lost, PB003 too large, PB005 and PB007 for a result that the design cannot take, PB011 ended longer ago than history is kept.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
kicad=> select complete_task(task_id, lease_token, '{"sum": 2}') from claim_task();
{"sum": 2}
kicad=> select complete_task(1, gen_random_uuid());
PB001: the lease of task 1 is lost$$;
