-- Users and agents.

create table core.users (
  user_id    bigint generated always as identity primary key,
  discord_id text constraint user_discord_id_length check (length(discord_id) <= 50),
  front_end  name not null,
  account    text collate "C" not null constraint user_account_length check (length(account) between 1 and 200),
  username   text constraint user_username_length check (length(username) <= 100),
  created_at timestamptz not null default core.now(),
  constraint user_is_one_account_of_a_front_end unique (front_end, account)
);
create index users_discord_id_idx on core.users (discord_id);
comment on table  core.users            is 'People, as a front end knows them.';
comment on column core.users.user_id    is 'Our number for the person.';
comment on column core.users.discord_id is 'Discord''s number for the person, when they came through Discord.';
comment on column core.users.front_end  is 'Role of the front end through which the person came.';
comment on column core.users.account    is 'The person''s account in that front end.';
comment on column core.users.username   is 'The name to show.';
comment on column core.users.created_at is 'When we first met.';

create table core.agents (
  name            name primary key,
  listen_channels text[] not null default '{}',
  notify_channels text[] not null default '{}',
  attempt_limit   smallint not null default 8 constraint agent_attempt_limit_positive check (attempt_limit > 0),
  paused          boolean not null default false,
  model           jsonb not null default '{"provider": "catalog"}',
  front_end       boolean not null default false,
  slots           smallint constraint agent_slots_positive check (slots > 0),
  priorities      smallint[] not null default '{0}' constraint agent_priorities_are_few check (cardinality(priorities) between 1 and 16),
  replicas        smallint not null default 10 constraint agent_replicas_in_range check (replicas between 1 and 1000)
);
comment on table  core.agents                 is 'Who works here; the name is the role.';
comment on column core.agents.name            is 'The role that the agent logs in as.';
comment on column core.agents.listen_channels is 'Channels whose notifications the agent receives.';
comment on column core.agents.notify_channels is 'Channels on which the agent may send.';
comment on column core.agents.attempt_limit   is 'How often a task of this agent is tried before it is a dead letter.';
comment on column core.agents.paused          is 'A paused agent claims nothing.';
comment on column core.agents.model           is 'Provider, model and limits of the agent''s language model.';
comment on column core.agents.front_end       is 'Whether the role brings users'' messages in.';
comment on column core.agents.slots           is 'Tasks that may be in hand at once, over all replicas; null for no limit.';
comment on column core.agents.priorities      is 'Priorities that its tasks have had, largest first; a claim looks at each in turn.';
comment on column core.agents.replicas        is 'How many processes may share the login; its connection limit is three times that.';

insert into core.agents (name, listen_channels, notify_channels, front_end) values
  ('client_manager', '{task_queue}',                 '{design_updates}', false),
  ('pcb_designer',   '{task_queue,corrections_needed}', '{design_updates}', false),
  ('kicad',          '{task_queue}',                 '{design_updates,corrections_needed}', false),
  ('pcb_tester',     '{task_queue}',                 '{design_updates,design_completed,corrections_needed}', false),
  ('terminal',       '{design_updates,design_completed}', '{task_queue}', true),
  ('discord_bot',    '{design_updates,design_completed}', '{task_queue}', true);
