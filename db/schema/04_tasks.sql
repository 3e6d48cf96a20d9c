-- The queue.  core.tasks is small and hot; what has ended moves to core.task_history in the same transaction.

create sequence core.task_id_seq;
create sequence core.task_position_seq;

-- Enums, because a CHECK is parsed again by every statement that writes the table: as many instructions as a whole one-row
-- UPDATE takes.
create type core.task_state as enum ('ready', 'working', 'scheduled', 'blocked');
comment on type core.task_state is 'ready, working (under lease), scheduled (for run_at) or blocked (by its FIFO key or a paused design).';
create type core.task_outcome as enum ('done', 'dead', 'cancelled');
comment on type core.task_outcome is 'done, dead (a dead letter) or cancelled.';

create function core.is_payload(p_payload jsonb) returns boolean language plpgsql immutable
set search_path = pg_catalog, pg_temp as $$
begin
  if octet_length(p_payload::text) > 65536 then
    raise exception 'the payload has % bytes, 65536 are allowed', octet_length(p_payload::text) using errcode = 'PB003';
  elsif jsonb_path_exists(p_payload, '$.**{33}') then
    raise exception 'the payload is nested more than 32 deep' using errcode = 'PB003';
  end if;
  return true;
end $$;
comment on function core.is_payload(jsonb) is 'Raises PB003 for more than 64 kB or 32 levels.';
create domain core.payload as jsonb constraint payload_is_small check (core.is_payload(value));
comment on domain core.payload is 'A task''s arguments: at most 64 kB and 32 levels deep.  A domain, so that it is checked once, when it comes in.';

-- Keys have the collation "C": in a function that takes a name, texts get it too, and an index of another is not used.
create table core.tasks (
  task_id       bigint primary key default nextval('core.task_id_seq'),
  -- no foreign key: it would lock the agent's row for every task; api.enqueue_task looks the agent up
  agent         name not null,
  priority      smallint not null default 0,
  -- a column of its own: ordered by task_id the planner would walk the primary key over dead rows
  position      bigint not null default nextval('core.task_position_seq'),
  state         core.task_state not null default 'ready',
  attempt       smallint not null default 0,
  attempt_limit smallint not null default 5,
  run_at        timestamptz not null default core.now(),
  lease_until   timestamptz,
  lease_token   uuid,
  worker        text,
  cancelled     boolean not null default false,
  state_id      bigint references core.design_states (state_id),
  payload       core.payload not null,
  last_error    text,
  enqueued_at   timestamptz not null default core.now(),
  fifo_key      text collate "C",
  deadline      timestamptz,
  slot          smallint
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
-- A claim reads its first page to the end: so few entries on each, and behind the name, whose length varies, only one column.
create index task_claim_order_idx on core.tasks (priority, agent, position) with (fillfactor = 30) where state = 'ready';
create index task_lease_idx on core.tasks (lease_until) where state = 'working';
create index task_scheduled_idx on core.tasks (run_at) where state = 'scheduled';
create index task_deadline_idx on core.tasks (deadline) where deadline is not null;
create index task_fifo_idx on core.tasks (agent, fifo_key, position) where fifo_key is not null and state = 'blocked';
create unique index task_is_the_only_first_of_its_key on core.tasks (agent, fifo_key) where fifo_key is not null and state <> 'blocked';
create unique index task_slot_is_taken_once on core.tasks (agent, slot) where slot is not null;
create unique index task_is_the_only_one_of_its_design on core.tasks (state_id) where state_id is not null;  -- so a design ends once
-- A policy that hides nothing, instead of a CHECK: it is part of each plan, and holds for everybody but a superuser.
alter table core.tasks enable row level security;
alter table core.tasks force row level security;
create policy task_lease_iff_working on core.tasks using (true)
  with check ((state = 'working') = (lease_token is not null and lease_until is not null) and attempt between 0 and attempt_limit);
comment on table  core.tasks               is 'Work that has not ended.';
comment on column core.tasks.task_id       is 'Number of the task.';
comment on column core.tasks.agent         is 'Whose work it is.';
comment on column core.tasks.priority      is 'Larger goes first.';
comment on column core.tasks.position      is 'Order within a priority; a retry gets a fresh one.';
comment on column core.tasks.state         is 'ready, working, scheduled or blocked.';
comment on column core.tasks.attempt       is 'Claims so far.';
comment on column core.tasks.attempt_limit is 'Claims allowed before it is a dead letter.';
comment on column core.tasks.run_at        is 'Not before.';
comment on column core.tasks.lease_until   is 'The worker''s lease; past it anyone may have the task.';
comment on column core.tasks.lease_token   is 'The fence: new for every attempt.';
comment on column core.tasks.worker        is 'Which process holds the lease.';
comment on column core.tasks.cancelled     is 'The worker learns of it at its next heartbeat.';
comment on column core.tasks.state_id      is 'The design it works on, if any.';
comment on column core.tasks.payload       is 'At most 64 kB; what is larger is an artifact.';
comment on column core.tasks.last_error    is 'Why the last attempt failed.';
comment on column core.tasks.enqueued_at   is 'When it came.';
comment on column core.tasks.fifo_key      is 'Tasks of an agent with the same key are done one by one, in order.';
comment on column core.tasks.deadline      is 'Past it the task is a dead letter, wherever it is.';
comment on column core.tasks.slot          is 'Which of its agent''s slots it takes while it is worked on; null when the agent has no limit.';

-- Partitioned by task_id range, so that the primary key is global and old ranges are dropped, not deleted.
create table core.task_history (
  task_id     bigint primary key,
  agent       name not null,
  state_id    bigint,
  attempt     smallint not null,
  lease_token uuid,
  outcome     core.task_outcome not null,
  result      jsonb,
  error       text,
  payload     jsonb,
  enqueued_at timestamptz not null,
  finished_at timestamptz not null default core.now()
) partition by range (task_id);
create table core.task_history_p0 partition of core.task_history for values from (minvalue) to (1000000);
-- what ends before its range is there: never refused, moved into its range by the next maintenance
create table core.task_history_rest partition of core.task_history default;
create index task_history_state_id_idx on core.task_history (state_id) where state_id is not null;
create index task_history_dead_idx on core.task_history (task_id) where outcome = 'dead';
comment on table  core.task_history             is 'Work that has ended.';
comment on table  core.task_history_p0          is 'First range of task_history.';
comment on table  core.task_history_rest        is 'Work that ended before its range of task_history was made.';
comment on column core.task_history.task_id     is 'Number of the task.';
comment on column core.task_history.agent       is 'Whose work it was.';
comment on column core.task_history.state_id    is 'The design it worked on, if any.';
comment on column core.task_history.attempt     is 'Attempts that it took.';
comment on column core.task_history.lease_token is 'The lease under which it ended.';
comment on column core.task_history.outcome     is 'done, dead (a dead letter) or cancelled.';
comment on column core.task_history.result      is 'The stored answer, given again when completion is said twice.';
comment on column core.task_history.error       is 'Why it is a dead letter.';
comment on column core.task_history.payload     is 'As it was enqueued.';
comment on column core.task_history.enqueued_at is 'When it came.';
comment on column core.task_history.finished_at is 'When it ended.';

create table core.history_ranges (
  range      integer primary key,
  made_at    timestamptz not null default core.now(),
  dropped_at timestamptz
);
insert into core.history_ranges (range) values (0);
comment on table  core.history_ranges            is 'Ranges of a million task numbers: partition task_history_p<range>.';
comment on column core.history_ranges.range      is 'task_id / 1000000.';
comment on column core.history_ranges.made_at    is 'When its partition was made.';
comment on column core.history_ranges.dropped_at is 'When its partition was dropped; null while it is kept.';

create table core.maintenance (
  only_row boolean primary key default true constraint maintenance_has_one_row check (only_row),
  next_at  timestamptz not null default core.now()
);
insert into core.maintenance default values;
comment on table  core.maintenance          is 'When any claimer next looks after retention; one row.';
comment on column core.maintenance.only_row is 'Always true.';
comment on column core.maintenance.next_at  is 'Not before.';

create table core.task_keys (
  agent          name not null,
  key            text collate "C" not null,
  arguments_hash bytea not null,
  task_id        bigint not null,
  primary key (agent, key)
);
alter table core.task_keys enable row level security;
alter table core.task_keys force row level security;
create policy task_key_length on core.task_keys using (true) with check (length(key) between 1 and 200);
comment on table  core.task_keys                is 'Idempotency keys; they outlive their tasks.';
comment on column core.task_keys.agent          is 'The agent of the task.';
comment on column core.task_keys.key            is 'The caller''s key.';
comment on column core.task_keys.arguments_hash is 'sha256 of the arguments: the same key with others is an error.';
comment on column core.task_keys.task_id        is 'The task that the key made.';

create table core.schedules (
  name       text primary key constraint schedule_name_length check (length(name) between 1 and 100),
  agent      name not null references core.agents (name),
  cron       text not null,
  payload    core.payload not null,
  priority   smallint not null default 0,
  next_at    timestamptz not null,
  last_at    timestamptz,
  last_error text
);
create index schedules_agent_idx on core.schedules (agent);
comment on table  core.schedules            is 'Recurring tasks.';
comment on column core.schedules.name       is 'Name of the schedule.';
comment on column core.schedules.agent      is 'Whose work it is.';
comment on column core.schedules.cron       is 'Minute, hour, day of month, month, day of week, in UTC.';
comment on column core.schedules.payload    is 'Payload of every task.';
comment on column core.schedules.priority   is 'Priority of every task.';
comment on column core.schedules.next_at    is 'When the next task comes.';
comment on column core.schedules.last_at    is 'When the last task came.';
comment on column core.schedules.last_error is 'Why the last run gave no task.';

-- A bell for every agent: a sequence, used as a register that all sessions share outside of their transactions.  Odd while
-- somebody has gone to sleep since the last ring, even from the ring on: whoever sees it even need not ring again.
create function core.make_bell() returns trigger language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  execute format('create sequence core.%I', 'bell_' || new.name);
  return null;
end $$;
comment on function core.make_bell() is 'Trigger: a new agent gets a bell.';
create trigger make_bell after insert on core.agents for each row execute function core.make_bell();
do $$
declare v_agent name;
begin
  for v_agent in select a.name from core.agents a loop
    execute format('create sequence core.%I', 'bell_' || v_agent);
  end loop;
end $$;

create type core.claimed_task as (task_id bigint, lease_token uuid, attempt smallint, payload jsonb);
comment on type core.claimed_task is 'What a claim hands out.';
