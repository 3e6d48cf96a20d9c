-- It begins at this session's low-water mark of each priority (mas.low_…), so that it never walks what was claimed before
-- it and cannot be vacuumed yet; core.look_around draws the marks anew.  Who forges its own hides work from itself only.
-- By ctid: joined on task_id the generic plan becomes a hash join over the whole table when dead rows pile up.
-- The commit of a claim is asynchronous: one that a crash undoes is claimed again, and its worker gets PB001.
create or replace function api.claim_task(p_lease interval default '60 s', p_worker text default null, p_count int default 1)
returns setof core.claimed_task language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  v_me core.agents;
  v_now constant timestamptz := core.now();
  v_looked boolean;
  v_slot smallint;
  v_priority smallint;
  v_mark text;
  v_left int;
  v_found int;
  v_any boolean := false;
  v_token constant uuid := gen_random_uuid();  -- one for all that are claimed at once: each is fenced by its number, too
begin
  select a.* into v_me from core.agents a where a.name = (core.caller()).role;
  if not found then
    v_me := core.working_agent();  -- says why not
  end if;
  v_looked := core.look_is_due(v_me.name, v_now, 'mas.busy_look');
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
           set state = 'working', attempt = t.attempt + 1, lease_until = v_now + p_lease, lease_token = v_token,
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
revoke all on function api.claim_task(interval, text, int) from public;
comment on function api.claim_task(interval, text, int) is $$Lease the next runnable task of the calling agent; no row when idle.
p_lease: how long the task stays the caller's without a heartbeat.
p_worker: which process it is; start_worker gives back what an earlier life of that name held.
p_count: how many; claim_tasks says it in words.
Returns: the task; every later call asks for its token.
Locks: the task's row; rows that others have locked are passed over.
Raises: PB002.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
kicad=> select task_id, attempt, payload from claim_task('30 s');
1 | 1 | {"n": 1}
kicad=> select task_id from claim_task('30 s');$$;
