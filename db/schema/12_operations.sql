-- What clients that are not trusted see: the views of the API, and its errors.

insert into core.error_codes (code, name, what_to_do, http_status) values
  ('PB060', 'limit reached', 'Wait as long as the message says, and say it again with the same key.', 429),
  ('PB061', 'forgotten', 'All that was stored of this account was deleted on request within a day; come back after that.', 403);

create view api.my_designs with (security_barrier) as
  select d.state_id as design, coalesce(d.state_description, 'board') as title, d.state, d.attempt::int, d.attempt_limit::int, d.progress,
         d.created_at, d.updated_at, d.finished_at, d.paused
    from core.design_states d where d.candidate_of is null;
comment on view api.my_designs is $$The designs that the caller may see: a person's own, every user's for admin and monitor.
Example:
gateway=> select begin_request('anna', 'Anna');
1
web_user=> select send_message('a blinker', 'k1');
1
web_user=> select design, title, state, attempt, attempt_limit, paused from my_designs;
1 | board | briefing | 0 | 5 | f$$;
comment on column api.my_designs.design        is 'The design''s number.';
comment on column api.my_designs.title         is 'Its title.';
comment on column api.my_designs.state         is 'Where it stands.';
comment on column api.my_designs.attempt       is 'Scripts written so far.';
comment on column api.my_designs.attempt_limit is 'Scripts that may be written.';
comment on column api.my_designs.progress      is 'What is being done, in a few words; null when nothing is.';
comment on column api.my_designs.created_at    is 'When the brief came.';
comment on column api.my_designs.updated_at    is 'Last change.';
comment on column api.my_designs.finished_at   is 'When it ended; null while it goes on.';
comment on column api.my_designs.paused        is 'Whether it waits to be resumed.';

-- Totals only: whose work it is, nobody learns here.  Counted up to a thousand, so that a long queue is not read by every visitor;
-- from the lowest priority on, in the order of the claim's index: there is the one that waits longest.
create view api.queue_load with (security_barrier) as
  select a.agent, w.waiting, a.working, a.workers, w.oldest_s
    from api.agents_alive a
    cross join lateral (
      select count(*) as waiting, extract(epoch from core.now() - min(t.enqueued_at))::float8 as oldest_s
        from (select r.enqueued_at from core.tasks r where r.agent = a.agent and r.state = 'ready'
               order by r.priority, r.position limit 1000) t) w;
comment on view api.queue_load is $$How much each agent has to do, and how many work on it.
Example:
admin=> select enqueue_task('kicad', '{"n": 1}');
1
web_user=> select agent, waiting, working, workers from queue_load where waiting > 0;
kicad | 1 | 0 | 0$$;
comment on column api.queue_load.agent    is 'The agent.';
comment on column api.queue_load.waiting  is 'Tasks that are ready; 1000 for more.';
comment on column api.queue_load.working  is 'Tasks in hand.';
comment on column api.queue_load.workers  is 'Processes that were seen within a day.';
comment on column api.queue_load.oldest_s is 'Seconds since the oldest of those that were counted came; null when none waits.';
