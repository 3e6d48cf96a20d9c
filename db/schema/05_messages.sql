-- Notifications between agents, and logs.

create table core.channels (
  channel text primary key constraint channel_is_a_name check (channel ~ '^[a-z_]{1,63}$'),
  purpose text not null,
  keep    interval not null default '7 days' constraint channel_keep_positive check (keep > '0')
);
comment on table  core.channels         is 'Channels that agents may send on and listen on.';
comment on column core.channels.channel is 'Its name, also of the ring (LISTEN).';
comment on column core.channels.purpose is 'What is said there.';
comment on column core.channels.keep    is 'How long a message waits for those who are away.';
insert into core.channels (channel, purpose) values
  ('task_queue',         'From front ends to agents.  That there is work is rung on task_<agent>, not here.'),
  ('design_updates',     'A design has changed: rung with its number at each change; agents may send words, too.'),
  ('corrections_needed', 'An attempt was rejected: design, attempt and codes, from the agent that found it.'),
  ('design_completed',   'A design has ended: its number and state.');

create table core.notifications (
  notification_id bigint generated always as identity primary key,
  sender_agent    name not null,
  channel         text not null constraint notification_channel_is_a_name check (channel ~ '^[a-z_]{1,63}$'),
  message_payload jsonb not null constraint notification_size check (octet_length(message_payload::text) <= 65536),
  sent_at         timestamptz not null default core.now(),
  expires_at      timestamptz not null default core.now() + interval '7 days'
);
create index notifications_expires_at_idx on core.notifications (expires_at);
comment on table  core.notifications                 is 'Messages between agents, stored once.';
comment on column core.notifications.notification_id is 'Number of the message.';
comment on column core.notifications.sender_agent    is 'Who sent it, recorded by the database.';
comment on column core.notifications.channel         is 'The channel it was sent on.';
comment on column core.notifications.message_payload is 'What it says.';
comment on column core.notifications.sent_at         is 'When.';
comment on column core.notifications.expires_at      is 'Past it nobody receives it any more.';

create table core.notification_receipts (
  notification_id bigint not null references core.notifications (notification_id) on delete cascade,
  receiver_agent  name not null references core.agents (name),
  acknowledged    boolean not null default false,
  acknowledged_at timestamptz,
  primary key (receiver_agent, notification_id),
  constraint receipt_time_iff_acknowledged check (acknowledged = (acknowledged_at is not null))
);
create index notification_receipts_notification_id_idx on core.notification_receipts (notification_id);
create index notification_receipts_waiting_idx on core.notification_receipts (receiver_agent, notification_id) where not acknowledged;
comment on table  core.notification_receipts                 is 'Who is to read a notification, and who has.';
comment on column core.notification_receipts.notification_id is 'The message.';
comment on column core.notification_receipts.receiver_agent  is 'Who is to read it.';
comment on column core.notification_receipts.acknowledged    is 'Whether it was read.';
comment on column core.notification_receipts.acknowledged_at is 'When it was read.';

create table core.system_logs (
  log_id    bigint generated always as identity primary key,
  component name not null,
  log_level text not null constraint log_level_known check (log_level in ('DEBUG', 'INFO', 'WARNING', 'ERROR')),
  message   text not null constraint log_message_size check (octet_length(message) <= 65536),
  timestamp timestamptz not null default core.now(),
  -- no foreign keys: a line outlives its task, and stays when the design's words are erased
  state_id  bigint,
  task_id   bigint
);
create index system_logs_timestamp_idx on core.system_logs (timestamp);
create index system_logs_state_id_idx on core.system_logs (state_id) where state_id is not null;
create index system_logs_backups_idx on core.system_logs (timestamp) where component = 'postgres';
comment on table  core.system_logs           is 'What agents have to say about themselves.';
comment on column core.system_logs.log_id    is 'Order of the lines.';
comment on column core.system_logs.component is 'The role that wrote it, recorded by the database.';
comment on column core.system_logs.log_level is 'DEBUG, INFO, WARNING or ERROR.';
comment on column core.system_logs.message   is 'The line.';
comment on column core.system_logs.timestamp is 'When.';
comment on column core.system_logs.state_id  is 'The design that it is about, if any.';
comment on column core.system_logs.task_id   is 'The task that it is about, if any.';

create table core.workers (
  agent      name not null references core.agents (name),
  worker     text collate "C" not null constraint worker_name_length check (length(worker) between 1 and 200),
  started_at timestamptz not null default core.now(),
  seen_at    timestamptz not null default core.now(),
  primary key (agent, worker)
);
comment on table  core.workers            is 'Processes that serve an agent, as they said when they began.';
comment on column core.workers.agent      is 'The agent.';
comment on column core.workers.worker     is 'The process''s own name; leases carry it.';
comment on column core.workers.started_at is 'When its present life began.';
comment on column core.workers.seen_at    is 'Its last start or heartbeat.';
