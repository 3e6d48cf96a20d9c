-- The queue.  core.tasks is small and hot; what has ended moves to core.task_history in the same transaction.

create sequence core.task_id_seq;
create sequence core.task_position_seq;

create table core.tasks (
  task_id       bigint primary key default nextval('core.task_id_seq'),
  agent         name not null references core.agents (name),
  priority      smallint not null default 0,
  -- a column of its own: ordered by task_id the planner would walk the primary key over dead rows
  position      bigint not null default nextval('core.task_position_seq'),
  state         text not null default 'ready' constraint task_state_known check (state in ('ready', 'working', 'scheduled', 'blocked')),
  attempt       smallint not null default 0,
  attempt_limit smallint not null default 5,
  run_at        timestamptz not null default core.now(),
  lease_until   timestamptz,
  lease_token   uuid,
  worker        text,
  cancelled     boolean not null default false,
  state_id      bigint references core.design_states (state_id),
  payload       jsonb not null constraint task_payload_size check (octet_length(payload::text) <= 65536),
  constraint task_payload_depth check (not jsonb_path_exists(payload, '$.**{33}')),
  last_error    text,
  enqueued_at   timestamptz not null default core.now(),
  constraint task_lease_iff_working check ((state = 'working') = (lease_token is not null and lease_until is not null)),
  constraint task_attempts_within_limit check (attempt between 0 and attempt_limit)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
create index task_claim_order_idx on core.tasks (agent, priority desc, position) where state = 'ready';
create index task_lease_idx on core.tasks (lease_until) where state = 'working';
create index task_scheduled_idx on core.tasks (agent, run_at) where state = 'scheduled';
create unique index task_is_the_only_one_of_its_design on core.tasks (state_id);  -- so a design ends once
comment on table  core.tasks               is 'Work that has not ended.';
comment on column core.tasks.task_id       is 'Number of the task.';
comment on column core.tasks.agent         is 'Whose work it is.';
comment on column core.tasks.priority      is 'Larger goes first.';
comment on column core.tasks.position      is 'Order within a priority; a retry gets a fresh one.';
comment on column core.tasks.state         is 'ready, working, scheduled (for run_at) or blocked (by a key or a full slot).';
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

-- Partitioned by task_id range, so that the primary key is global and old ranges are dropped, not deleted.
create table core.task_history (
  task_id     bigint primary key,
  agent       name not null,
  state_id    bigint,
  attempt     smallint not null,
  lease_token uuid,
  outcome     text not null constraint task_outcome_known check (outcome in ('done', 'dead', 'cancelled')),
  result      jsonb,
  error       text,
  payload     jsonb,
  enqueued_at timestamptz not null,
  finished_at timestamptz not null default core.now()
) partition by range (task_id);
create table core.task_history_p0 partition of core.task_history for values from (minvalue) to (maxvalue);
create index task_history_state_id_idx on core.task_history (state_id);
comment on table  core.task_history             is 'Work that has ended.';
comment on table  core.task_history_p0          is 'First range of task_history.';
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

create table core.task_keys (
  agent          name not null,
  key            text not null constraint task_key_length check (length(key) between 1 and 200),
  arguments_hash bytea not null,
  task_id        bigint not null,
  primary key (agent, key)
);
comment on table  core.task_keys                is 'Idempotency keys; they outlive their tasks.';
comment on column core.task_keys.agent          is 'The agent of the task.';
comment on column core.task_keys.key            is 'The caller''s key.';
comment on column core.task_keys.arguments_hash is 'sha256 of the arguments: the same key with others is an error.';
comment on column core.task_keys.task_id        is 'The task that the key made.';

create type core.claimed_task as (task_id bigint, lease_token uuid, attempt smallint, payload jsonb);
comment on type core.claimed_task is 'What a claim hands out.';
