-- Notifications between agents, and logs.

create table core.notifications (
  notification_id bigint generated always as identity primary key,
  sender_agent    name not null,
  channel         text not null constraint notification_channel_is_a_name check (channel ~ '^[a-z_]{1,63}$'),
  message_payload jsonb not null constraint notification_size check (octet_length(message_payload::text) <= 65536),
  sent_at         timestamptz not null default core.now()
);
comment on table  core.notifications                 is 'Messages between agents, stored once.';
comment on column core.notifications.notification_id is 'Number of the message.';
comment on column core.notifications.sender_agent    is 'Who sent it, recorded by the database.';
comment on column core.notifications.channel         is 'The channel it was sent on.';
comment on column core.notifications.message_payload is 'What it says.';
comment on column core.notifications.sent_at         is 'When.';

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
  timestamp timestamptz not null default core.now()
);
create index system_logs_timestamp_idx on core.system_logs (timestamp);
comment on table  core.system_logs           is 'What agents have to say about themselves.';
comment on column core.system_logs.log_id    is 'Order of the lines.';
comment on column core.system_logs.component is 'The role that wrote it, recorded by the database.';
comment on column core.system_logs.log_level is 'DEBUG, INFO, WARNING or ERROR.';
comment on column core.system_logs.message   is 'The line.';
comment on column core.system_logs.timestamp is 'When.';
