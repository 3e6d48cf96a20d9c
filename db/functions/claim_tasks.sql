-- The commit of a claim is asynchronous: one that a crash undoes is claimed again, and its worker gets PB001.
create or replace function api.claim_tasks(p_count int default 1, p_lease interval default '60 s', p_worker text default null)
returns setof core.claimed_task language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  v_me constant core.agents := core.working_agent();
  v_now constant timestamptz := core.now();
  v_looked boolean := core.look_is_due(v_me.name, v_now, 'mas.busy_look');
  v_slot smallint;
  v_priority smallint;
  v_mark text;
  v_left int;
  v_found int;
  v_any boolean := false;
begin
  if pg_current_xact_id_if_assigned() is null then
    perform set_config('synchronous_commit', 'off', true);
  end if;
  while not v_me.paused loop
    if v_looked then
      perform core.look_around(v_me);
    end if;
    v_left := p_count;
    if v_me.slots is not null then
      v_slot := core.take_slot(v_me);
      v_left := least(v_left, (v_slot is not null)::int);
    end if;
    foreach v_priority in array v_me.priorities loop
      exit when v_left = 0;
      v_mark := 'mas.low_' || v_priority + 32768;
      return query
        update core.tasks t
           set state = 'working', attempt = t.attempt + 1, lease_until = v_now + p_lease, lease_token = gen_random_uuid(),
               worker = p_worker, slot = v_slot
         where t.ctid = any (array(
                 select r.ctid from (
                   select q.ctid, q.position from core.tasks q
                    where q.agent = v_me.name and q.priority = v_priority and q.state = 'ready'
                      and q.position >= coalesce(nullif(current_setting(v_mark, true), ''), '0')::bigint
                    order by q.position limit v_left for update skip locked) r
                  where set_config(v_mark, r.position::text, false) is not null))
        returning t.task_id, t.lease_token, t.attempt, t.payload::jsonb;
      get diagnostics v_found = row_count;
      v_left := v_left - v_found;
      v_any := v_any or v_found > 0;
    end loop;
    exit when v_any or v_looked or not core.look_is_due(v_me.name, v_now, 'mas.idle_look');
    v_looked := true;
  end loop;
end $$;
revoke all on function api.claim_tasks(int, interval, text) from public;
comment on function api.claim_tasks(int, interval, text) is $$Lease up to so many runnable tasks of the calling agent, in order of priority and position; no row when idle.
p_count: at most so many.
p_lease: how long they stay the caller's without a heartbeat.
p_worker: which process it is; start_worker gives back what an earlier life of that name held.
Returns: the tasks; every later call asks for a task's token.
Locks: the tasks' rows; rows that others have locked are passed over.
Raises: PB002.
Example:
admin=> select * from enqueue_tasks('kicad', array['{"n": 1}', '{"n": 2}', '{"n": 3}']::jsonb[]);
1
2
3
kicad=> select task_id, payload from claim_tasks(2);
1 | {"n": 1}
2 | {"n": 2}$$;
