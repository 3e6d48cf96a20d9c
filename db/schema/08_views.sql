-- Views for people: what runs, what waits, what is stuck.  They belong to the owner, so row security asks who is calling.

create view api.queue_depth with (security_barrier) as
  select t.agent, t.state::text as state, count(*) as tasks, extract(epoch from core.now() - min(t.enqueued_at)) as oldest_s,
         min(t.run_at) filter (where t.state = 'scheduled') as next_run_at
    from core.tasks t group by t.agent, t.state;
comment on view api.queue_depth is $$Tasks of each agent by state, and how long the oldest has been there.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
monitor=> select agent, state, tasks from queue_depth;
kicad | ready | 1$$;
comment on column api.queue_depth.agent       is 'Whose work it is.';
comment on column api.queue_depth.state       is 'ready, working, scheduled or blocked.';
comment on column api.queue_depth.tasks       is 'How many.';
comment on column api.queue_depth.oldest_s    is 'Seconds since the oldest of them came.';
comment on column api.queue_depth.next_run_at is 'When the first scheduled one runs.';

create view api.agents_alive with (security_barrier) as
  select a.name as agent, a.paused, w.workers, coalesce(p.asleep, 0) as asleep, coalesce(t.working, 0) as working, w.last_seen_at
    from core.agents a
    cross join lateral (
      select count(*) as workers, max(w.seen_at) as last_seen_at from core.workers w
       where w.agent = a.name and w.seen_at > core.now() - interval '1 day') w
    left join (  -- whoever waits for the doorbell shares the agent's presence lock (class 78)
      select l.objid, count(*) as asleep from pg_catalog.pg_locks l
       where l.locktype = 'advisory' and l.classid = 78 and l.objsubid = 2 and l.mode = 'ShareLock' and l.granted
         and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
       group by l.objid) p on p.objid = (hashtext(a.name::text)::bigint & 4294967295)::oid
    left join (
      select t.agent, count(*) as working from core.tasks t
       where t.state = 'working' and t.lease_until > core.now() group by t.agent) t on t.agent = a.name
   where not a.front_end;
comment on view api.agents_alive is $$Which agents are there, and what they are doing.
Example:
kicad=> select start_worker('kicad-0');
0
monitor=> select agent, workers, asleep, working from agents_alive where workers > 0;
kicad | 1 | 0 | 0$$;
comment on column api.agents_alive.agent        is 'The agent.';
comment on column api.agents_alive.paused       is 'Whether it was told to claim nothing.';
comment on column api.agents_alive.workers      is 'Processes that were seen within a day.';
comment on column api.agents_alive.asleep       is 'Processes that wait for the doorbell now.';
comment on column api.agents_alive.working      is 'Tasks under a lease that holds.';
comment on column api.agents_alive.last_seen_at is 'Last start or heartbeat of any.';

create view api.stuck_work with (security_barrier) as
  select 'lease overdue' as trouble, t.agent, t.task_id, t.state_id as design, t.lease_until as since,
         format('worker %s has been silent', coalesce(t.worker, 'unknown')) as detail
    from core.tasks t where t.state = 'working' and t.lease_until < core.now() - interval '5 s'
  union all
  select 'last attempt', t.agent, t.task_id, t.state_id, t.enqueued_at, coalesce(t.last_error, 'no error was given')
    from core.tasks t where t.attempt_limit > 1 and t.attempt >= t.attempt_limit - 1
  union all
  select 'nobody claims', t.agent, min(t.task_id), null, min(t.enqueued_at), format('%s tasks are ready; is the agent up, or paused?', count(*))
    from core.tasks t where t.state = 'ready' and t.enqueued_at < core.now() - interval '1 min'
     and not exists (select from core.tasks w where w.agent = t.agent and w.state = 'working' and w.lease_until > core.now())
   group by t.agent
  union all
  select 'paused', null, null, d.state_id, d.updated_at, 'resume_design lets it go on' from core.design_states d where d.paused and d.candidate_of is null
  union all
  select 'no task', null, null, d.state_id, d.updated_at, format('%s, and nobody has work on it', d.state)
    from core.design_states d
   where d.finished_at is null and d.state <> 'awaiting_user' and not exists (select from core.tasks t where t.state_id = d.state_id)
     and not exists (select from core.design_states c where c.candidate_of = d.state_id and c.finished_at is null)
  union all
  select 'schedule failed', s.agent, null, null, s.last_at, format('%s: %s', s.name, s.last_error)
    from core.schedules s where s.last_error is not null;
comment on view api.stuck_work is $$What needs a person's eye; empty when all is well.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
terminal=> select pause_design(1);
t
monitor=> select trouble, design, detail from stuck_work;
paused | 1 | resume_design lets it go on$$;
comment on column api.stuck_work.trouble is 'What is wrong.';
comment on column api.stuck_work.agent   is 'Whose work it is.';
comment on column api.stuck_work.task_id is 'The task, or the oldest of them.';
comment on column api.stuck_work.design  is 'The design, if there is one.';
comment on column api.stuck_work.since   is 'Since when.';
comment on column api.stuck_work.detail  is 'More, in words.';

create view api.attempts_per_design with (security_barrier) as
  select d.state_id as design, d.state_description as title, d.state, d.attempt, d.attempt_limit,
         array(select r.error_analysis -> 0 ->> 'code' from core.design_scripts s join core.error_reports r using (script_id)
                where s.state_id = d.state_id order by r.error_id) as first_errors,
         extract(epoch from coalesce(d.finished_at, core.now()) - d.created_at) as elapsed_s
    from core.design_states d where d.candidate_of is null;
comment on view api.attempts_per_design is $$How many attempts each design took, and why.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
monitor=> select design, state, attempt, attempt_limit from attempts_per_design;
1 | briefing | 0 | 5$$;
comment on column api.attempts_per_design.design        is 'The design.';
comment on column api.attempts_per_design.title         is 'Its title.';
comment on column api.attempts_per_design.state         is 'Where it stands.';
comment on column api.attempts_per_design.attempt       is 'Scripts written so far.';
comment on column api.attempts_per_design.attempt_limit is 'Scripts that may be written.';
comment on column api.attempts_per_design.first_errors  is 'Code of the first finding of each report, oldest first.';
comment on column api.attempts_per_design.elapsed_s     is 'Seconds from the brief to the end, or to now.';

create view api.model_costs with (security_barrier) as
  select c.agent, c.model, date_trunc('day', c.called_at, 'UTC') as day, count(*) as calls, sum(c.prompt_tokens) as prompt_tokens,
         sum(c.completion_tokens) as completion_tokens, sum(c.cost) as cost, avg(c.latency_s) as mean_latency_s
    from core.model_calls c group by 1, 2, 3;
comment on view api.model_costs is $$What language models cost, by agent, model and day.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
client_manager=> select record_model_call(task_id, lease_token, 'a model', 900, 120, 0.0004, 1.5) from claim_task();
1
monitor=> select agent, model, calls, cost from model_costs;
client_manager | a model | 1 | 0.000400$$;
comment on column api.model_costs.agent             is 'Who asked.';
comment on column api.model_costs.model             is 'Which model.';
comment on column api.model_costs.day               is 'The day, in UTC.';
comment on column api.model_costs.calls             is 'How often.';
comment on column api.model_costs.prompt_tokens     is 'Tokens sent.';
comment on column api.model_costs.completion_tokens is 'Tokens received.';
comment on column api.model_costs.cost              is 'In US dollars.';
comment on column api.model_costs.mean_latency_s    is 'Mean seconds to the end of an answer.';

create view api.longest_waits with (security_barrier) as
  select t.task_id, t.agent, t.state::text as state, t.state_id as design, extract(epoch from core.now() - t.enqueued_at) as waited_s,
         t.attempt, t.last_error
    from core.tasks t where t.state <> 'working' order by t.enqueued_at limit 50;
comment on view api.longest_waits is $$The fifty tasks that have waited longest.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
monitor=> select agent, task_id from longest_waits;
kicad | 1$$;
comment on column api.longest_waits.task_id    is 'The task.';
comment on column api.longest_waits.agent      is 'Whose work it is.';
comment on column api.longest_waits.state      is 'ready, scheduled or blocked.';
comment on column api.longest_waits.design     is 'The design, if there is one.';
comment on column api.longest_waits.waited_s   is 'Seconds since it came.';
comment on column api.longest_waits.attempt    is 'Attempts so far.';
comment on column api.longest_waits.last_error is 'Why the last one failed.';

create view api.dead_letters with (security_barrier) as
  select h.task_id, h.agent, h.state_id as design, h.attempt as attempts, h.error, h.finished_at,
         (select k.task_id from core.task_keys k where k.agent = h.agent and k.key = 'retry of task ' || h.task_id) as retried_as
    from core.task_history h where h.outcome = 'dead';
comment on view api.dead_letters is $$Tasks that were given up; retry_task tries one again.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
kicad=> select fail_task(task_id, lease_token, 'no footprint', p_retry => false) from claim_task();
dead
monitor=> select task_id, agent, attempts, error from dead_letters;
1 | kicad | 1 | no footprint$$;
comment on column api.dead_letters.task_id     is 'The task.';
comment on column api.dead_letters.agent       is 'Whose work it was.';
comment on column api.dead_letters.design      is 'The design that it ended, if any.';
comment on column api.dead_letters.attempts    is 'Attempts that it took.';
comment on column api.dead_letters.error       is 'Why.';
comment on column api.dead_letters.finished_at is 'When it was given up.';
comment on column api.dead_letters.retried_as  is 'The task that it was tried again as.';

-- The caller's own view of the server: only members of pg_read_all_stats (bootstrap.sql makes monitor one) see others.
create view api.oldest_transaction with (security_invoker) as
  select s.pid, s.usename as role, s.state, extract(epoch from pg_catalog.clock_timestamp() - s.xact_start) as age_s
    from pg_catalog.pg_stat_activity s
   where s.xact_start is not null and s.datname = current_database() order by s.xact_start limit 10;
comment on view api.oldest_transaction is $$Transactions that have been open longest; they keep dead rows from being vacuumed.
Example:
monitor=> select count(*) from oldest_transaction where age_s > 3600;
0$$;
comment on column api.oldest_transaction.pid   is 'Server process.';
comment on column api.oldest_transaction.role  is 'Who.';
comment on column api.oldest_transaction.state is 'active, or idle in transaction.';
comment on column api.oldest_transaction.age_s is 'Seconds since it began.';

create view api.recent_logs with (security_barrier) as
  select l.log_id, l.timestamp, l.component, l.log_level as level, l.state_id as design, l.task_id as task, l.message
    from core.system_logs l order by l.log_id desc limit 1000;
comment on view api.recent_logs is $$The last thousand lines of system_logs, newest first.
Example:
kicad=> select write_log('INFO', 'warm');
monitor=> select component, level, message from recent_logs;
kicad | INFO | warm$$;
comment on column api.recent_logs.log_id    is 'Order of the lines.';
comment on column api.recent_logs.timestamp is 'When.';
comment on column api.recent_logs.component is 'The role that wrote it.';
comment on column api.recent_logs.level     is 'DEBUG, INFO, WARNING or ERROR.';
comment on column api.recent_logs.design    is 'The design that it is about, if any.';
comment on column api.recent_logs.task      is 'The task that it is about, if any.';
comment on column api.recent_logs.message   is 'The line.';
