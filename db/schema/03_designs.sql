-- Designs: their state machine, scripts, reports and talk.  `state_id` is a design's number everywhere.

create table core.states (
  state text primary key,
  final boolean not null default false
);
comment on table  core.states       is 'The states of a design.';
comment on column core.states.state is 'Name of the state.';
comment on column core.states.final is 'Whether a design ends here.';

create table core.transitions (
  from_state    text not null references core.states (state),
  outcome       text not null,
  attempts_left boolean,
  to_state      text not null references core.states (state),
  next_agent    name references core.agents (name),
  constraint transition_is_decided_once unique nulls not distinct (from_state, outcome, attempts_left)
);
create index transitions_to_state_idx on core.transitions (to_state);
create index transitions_next_agent_idx on core.transitions (next_agent);
comment on table  core.transitions               is 'The whole state machine: which outcome moves a design where, and who works next.';
comment on column core.transitions.from_state    is 'State before.';
comment on column core.transitions.outcome       is 'What the agent, the user or the queue said.';
comment on column core.transitions.attempts_left is 'Only when attempts are left (true), only when not (false), or always (null).';
comment on column core.transitions.to_state      is 'State after.';
comment on column core.transitions.next_agent    is 'The agent that gets a task, if any.';

insert into core.states (state, final) values
  ('briefing', false), ('awaiting_user', false), ('designing', false), ('comparing', false), ('building', false), ('testing', false),
  ('resolved', true), ('failed', true), ('refused', true), ('cancelled', true);

insert into core.transitions (from_state, outcome, attempts_left, to_state, next_agent) values
  ('briefing',      'asked',    null,  'awaiting_user', null),
  ('briefing',      'approved', null,  'designing',     'pcb_designer'),
  ('briefing',      'refused',  null,  'refused',       null),
  ('awaiting_user', 'replied',  null,  'briefing',      'client_manager'),
  ('designing',     'scripted', null,  'building',      'kicad'),
  ('designing',     'gave_up',  null,  'failed',        null),
  ('designing',     'rejected', true,  'designing',     'pcb_designer'),
  ('designing',     'rejected', false, 'failed',        null),
  ('designing',     'branched', null,  'comparing',     null),
  ('comparing',     'passed',   null,  'resolved',      null),
  ('comparing',     'rejected', true,  'designing',     'pcb_designer'),
  ('comparing',     'rejected', false, 'failed',        null),
  ('comparing',     'gave_up',  null,  'failed',        null),
  ('building',      'built',    null,  'testing',       'pcb_tester'),
  ('building',      'rejected', true,  'designing',     'pcb_designer'),
  ('building',      'rejected', false, 'failed',        null),
  ('testing',       'passed',   null,  'resolved',      null),
  ('testing',       'rejected', true,  'designing',     'pcb_designer'),
  ('testing',       'rejected', false, 'failed',        null);
insert into core.transitions (from_state, outcome, to_state)
select s.state, o.outcome, o.to_state
  from core.states s, (values ('cancelled', 'cancelled'), ('dead_lettered', 'failed')) o (outcome, to_state)
 where not s.final;

create table core.design_states (
  state_id          bigint generated always as identity primary key,
  user_id           bigint not null references core.users (user_id),
  state             text not null default 'briefing' references core.states (state),
  state_description text,
  interactive       boolean not null default true,
  requirement       jsonb,
  attempt           smallint not null default 0,
  attempt_limit     smallint not null default 5 constraint design_attempt_limit_positive check (attempt_limit > 0),
  progress          text constraint design_progress_length check (length(progress) <= 200),
  error             text,
  created_at        timestamptz not null default core.now(),
  updated_at        timestamptz not null default core.now(),
  finished_at       timestamptz,
  paused            boolean not null default false,
  forked_from       bigint references core.design_states (state_id),
  forked_attempt    integer,
  candidate_of      bigint references core.design_states (state_id),
  candidate         smallint,
  proposed_after    bigint,
  constraint design_fork_has_an_attempt check ((forked_from is null) = (forked_attempt is null)),
  constraint design_candidate_has_a_number check ((candidate_of is null) = (candidate is null) and candidate between 1 and 5),
  constraint design_attempts_within_limit check (attempt between 0 and attempt_limit)
);
create index design_states_user_id_idx on core.design_states (user_id);
create index design_states_forked_from_idx on core.design_states (forked_from) where forked_from is not null;
create index design_states_state_idx on core.design_states (state) where finished_at is null;
create index design_states_candidate_of_idx on core.design_states (candidate_of) where candidate_of is not null;
create unique index design_candidate_number_is_unique on core.design_states (candidate_of, candidate) where candidate_of is not null;
comment on table  core.design_states                   is 'One row a design; its state now.  The past is in design_events.';
comment on column core.design_states.state_id          is 'The design''s number.';
comment on column core.design_states.user_id           is 'Whose design it is.';
comment on column core.design_states.state             is 'Where in core.transitions the design stands.';
comment on column core.design_states.state_description is 'Title of the design.';
comment on column core.design_states.interactive       is 'Whether a person can be asked; otherwise defaults are taken.';
comment on column core.design_states.requirement       is 'What the user approved, with measurable limits.';
comment on column core.design_states.attempt           is 'Scripts written so far.';
comment on column core.design_states.attempt_limit     is 'Scripts that may be written.';
comment on column core.design_states.progress          is 'What is being done, in a few words.';
comment on column core.design_states.error             is 'Why the design ended without a board.';
comment on column core.design_states.created_at        is 'When the brief came.';
comment on column core.design_states.updated_at        is 'Last change; kept by a trigger.';
comment on column core.design_states.finished_at       is 'When the design ended.';
comment on column core.design_states.paused            is 'Its next task waits, blocked, until it is resumed.';
comment on column core.design_states.forked_from       is 'The design that it went off from.';
comment on column core.design_states.forked_attempt    is 'The attempt of that design that it went off from.';
comment on column core.design_states.candidate_of      is 'The design whose first attempt this one tries to be; null for a design of its own.';
comment on column core.design_states.candidate         is 'Which of that design''s candidates it is; the first is 1.';
comment on column core.design_states.proposed_after    is 'The user''s last message when the stored requirement was shown to them; null when it was not.  A later one may approve it.';

create table core.design_scripts (
  script_id      bigint generated always as identity primary key,
  state_id       bigint not null references core.design_states (state_id),
  script_content text not null constraint script_size check (octet_length(script_content) <= 262144),
  attempt_number integer not null default 1 constraint script_attempt_positive check (attempt_number > 0),
  notes          jsonb,
  summary        jsonb,
  checks         jsonb,
  created_at     timestamptz not null default core.now(),
  constraint script_is_one_attempt unique (state_id, attempt_number)
);
comment on table  core.design_scripts                is 'The Python files that the designer wrote, one an attempt.';
comment on column core.design_scripts.script_id      is 'Number of the script.';
comment on column core.design_scripts.state_id       is 'The design.';
comment on column core.design_scripts.script_content is 'The file, as written.';
comment on column core.design_scripts.attempt_number is 'First attempt is 1.';
comment on column core.design_scripts.notes          is 'What the designer says about it.';
comment on column core.design_scripts.summary        is 'Figures of the board that was built from it.';
comment on column core.design_scripts.checks         is 'What the tester measured on that board.';
comment on column core.design_scripts.created_at     is 'When it was written.';

create table core.error_reports (
  error_id       bigint generated always as identity primary key,
  script_id      bigint not null references core.design_scripts (script_id),
  agent          name not null references core.agents (name),
  error_feedback text not null,
  error_analysis jsonb,
  created_at     timestamptz not null default core.now()
);
create index error_reports_script_id_idx on core.error_reports (script_id);
create index error_reports_agent_idx on core.error_reports (agent);
comment on table  core.error_reports                is 'Why an attempt did not pass.';
comment on column core.error_reports.error_id       is 'Number of the report.';
comment on column core.error_reports.script_id      is 'The script that failed.';
comment on column core.error_reports.agent          is 'Who found it.';
comment on column core.error_reports.error_feedback is 'The findings as text.';
comment on column core.error_reports.error_analysis is 'At most five findings: code, place, measured, required, cause, fix.';
comment on column core.error_reports.created_at     is 'When it was found.';

create table core.resolved_designs (
  resolved_id      bigint generated always as identity primary key,
  state_id         bigint not null references core.design_states (state_id),
  user_id          bigint not null references core.users (user_id),
  script_id        bigint not null references core.design_scripts (script_id),
  resolution_notes text,
  completed_at     timestamptz not null default core.now(),
  constraint design_is_resolved_once unique (state_id)
);
create index resolved_designs_user_id_idx on core.resolved_designs (user_id);
create index resolved_designs_script_id_idx on core.resolved_designs (script_id);
comment on table  core.resolved_designs                  is 'Designs that passed every check.';
comment on column core.resolved_designs.resolved_id      is 'Number of the entry.';
comment on column core.resolved_designs.state_id         is 'The design; it resolves once.';
comment on column core.resolved_designs.user_id          is 'Whose design it is.';
comment on column core.resolved_designs.script_id        is 'The script that passed.';
comment on column core.resolved_designs.resolution_notes is 'A sentence for people.';
comment on column core.resolved_designs.completed_at     is 'When it passed.';

create table core.chat_messages (
  message_id  bigint generated always as identity primary key,
  state_id    bigint not null references core.design_states (state_id),
  front_end   name not null,
  sender      text not null,
  text        text not null constraint message_size check (octet_length(text) <= 131072),
  message_key text collate "C",
  sent_at     timestamptz not null default core.now(),
  constraint message_is_received_once unique (front_end, message_key)
);
create index chat_messages_state_id_idx on core.chat_messages (state_id, message_id);
comment on table  core.chat_messages             is 'All that was said between people and agents.';
comment on column core.chat_messages.message_id  is 'Number of the message; later ones are larger.';
comment on column core.chat_messages.state_id    is 'The design it belongs to.';
comment on column core.chat_messages.front_end   is 'The front end that it came through or goes to.';
comment on column core.chat_messages.sender      is 'user, or the name of the agent.';
comment on column core.chat_messages.text        is 'What was said.';
comment on column core.chat_messages.message_key is 'The front end''s key: the same message said twice is one.';
comment on column core.chat_messages.sent_at     is 'When it was said.';

-- Append-only: ids and hashes only, never dropped; a design's state can be replayed from it.
create table core.design_events (
  event_id    bigint generated always as identity primary key,
  state_id    bigint not null references core.design_states (state_id),
  from_state  text,
  outcome     text not null,
  to_state    text not null,
  attempt     smallint not null,
  actor       name not null,
  task_id     bigint,
  lease_token uuid,
  happened_at timestamptz not null default core.now()
);
create index design_events_state_id_idx on core.design_events (state_id, event_id);
comment on table  core.design_events             is 'Every move of every design, append-only.';
comment on column core.design_events.event_id    is 'Order of the moves.';
comment on column core.design_events.state_id    is 'The design.';
comment on column core.design_events.from_state  is 'State before; null for the first.';
comment on column core.design_events.outcome     is 'What moved it.';
comment on column core.design_events.to_state    is 'State after.';
comment on column core.design_events.attempt     is 'Attempt after the move.';
comment on column core.design_events.actor       is 'The role that caused it, recorded by the database.';
comment on column core.design_events.task_id     is 'The task whose completion caused it.';
comment on column core.design_events.lease_token is 'The lease under which it was completed.';
comment on column core.design_events.happened_at is 'When, by the database''s clock.';

create table core.prompts (
  prompt_id   bigint generated always as identity primary key,
  name        text collate "C" not null constraint prompt_name_is_plain check (name ~ '^[a-z][a-z0-9_]{0,99}$'),
  version     text collate "C" not null constraint prompt_version_is_plain check (version ~ '^[A-Za-z0-9_-]{1,50}$'),
  sha256      bytea not null constraint prompt_hash_length check (octet_length(sha256) = 32),
  text        text not null constraint prompt_size check (octet_length(text) between 1 and 1048576),
  recorded_at timestamptz not null default core.now(),
  said_at     timestamptz not null default core.now(),
  constraint prompt_text_is_stored_once unique (name, version, sha256)
);
comment on table  core.prompts             is 'The prompt files that agents have used, each text once.';
comment on column core.prompts.prompt_id   is 'Number of the text.';
comment on column core.prompts.name        is 'Name of the file, without version and ending.';
comment on column core.prompts.version     is 'Version in the file''s name.';
comment on column core.prompts.sha256      is 'SHA-256 of the text.';
comment on column core.prompts.text        is 'The text, as the file had it.';
comment on column core.prompts.recorded_at is 'When it was first used.';
comment on column core.prompts.said_at     is 'When an agent last said that this is what it uses.';

create table core.model_calls (
  call_id           bigint generated always as identity primary key,
  agent             name not null references core.agents (name),
  state_id          bigint references core.design_states (state_id),
  model             text not null constraint model_name_length check (length(model) between 1 and 200),
  prompt_tokens     integer not null constraint prompt_tokens_not_negative check (prompt_tokens >= 0),
  completion_tokens integer not null constraint completion_tokens_not_negative check (completion_tokens >= 0),
  cost              numeric(12, 6) not null default 0 constraint cost_not_negative check (cost >= 0),
  latency_s         double precision not null,
  called_at         timestamptz not null default core.now(),
  task_id           bigint,
  lease_token       uuid,
  root_id           bigint references core.design_states (state_id),
  user_id           bigint references core.users (user_id),
  attempt           smallint,
  prompt            text,
  prompt_version    text,
  prompt_id         bigint references core.prompts (prompt_id),
  status            text not null default 'answered' constraint call_status_known check (status in ('open', 'answered', 'failed')),
  problem           text constraint call_problem_known check (problem in (
                      'http', 'timeout', 'connection', 'empty', 'truncated', 'too_large', 'bad_schema', 'no_script', 'lost')),
  http_status       integer,
  verdict           text constraint call_verdict_known check (verdict in ('shorten', 'again', 'later', 'paused', 'over', 'give_up')),
  recorded          boolean not null default false,
  constraint call_problem_iff_failed check ((status = 'failed') = (problem is not null)),
  constraint call_verdict_of_a_problem check (verdict is null or problem is not null),
  constraint call_status_of_http check (http_status is null or problem = 'http')
);
create index model_calls_agent_idx on core.model_calls (agent);
create index model_calls_state_id_idx on core.model_calls (state_id);
create index model_calls_task_id_idx on core.model_calls (task_id);
create index model_calls_root_id_idx on core.model_calls (root_id);
create index model_calls_user_id_idx on core.model_calls (user_id, called_at);
create index model_calls_prompt_id_idx on core.model_calls (prompt_id);
comment on table  core.model_calls                   is 'What language models were asked, in figures.';
comment on column core.model_calls.call_id           is 'Number of the call.';
comment on column core.model_calls.agent             is 'Who asked, recorded by the database.';
comment on column core.model_calls.state_id          is 'The design it was for.';
comment on column core.model_calls.model             is 'Name of the model.';
comment on column core.model_calls.prompt_tokens     is 'Tokens sent.';
comment on column core.model_calls.completion_tokens is 'Tokens received.';
comment on column core.model_calls.cost              is 'In US dollars.';
comment on column core.model_calls.latency_s         is 'Seconds to the end of the answer.';
comment on column core.model_calls.called_at         is 'When.';
comment on column core.model_calls.task_id           is 'The task it was for; null for calls of earlier releases.';
comment on column core.model_calls.lease_token       is 'The lease under which it was made: nobody else ends it.';
comment on column core.model_calls.root_id           is 'The design whose budget it counts for: a candidate''s calls are its parent''s.';
comment on column core.model_calls.user_id           is 'The user whose budget it counts for.';
comment on column core.model_calls.attempt           is 'The attempt of the design that was being worked on.';
comment on column core.model_calls.prompt            is 'Name of the prompt file.';
comment on column core.model_calls.prompt_version    is 'Its version.';
comment on column core.model_calls.prompt_id         is 'Its text, as the agents last recorded it; null when none had.';
comment on column core.model_calls.status            is 'open, answered or failed; an answer of no use is failed, with its tokens.';
comment on column core.model_calls.problem           is 'Why it failed; lost when its worker fell silent.';
comment on column core.model_calls.http_status       is 'The status of an HTTP error.';
comment on column core.model_calls.verdict           is 'What the database made of the failure.';
comment on column core.model_calls.recorded          is 'Whether it was answered from a recording, at no cost.';

-- The texts of the calls: they belong to a user's design and can be deleted; the figures stay.
create table core.model_exchanges (
  call_id      bigint primary key references core.model_calls (call_id),
  request      jsonb not null constraint exchange_request_size check (octet_length(request::text) <= 16777216),
  request_hash bytea not null constraint exchange_hash_length check (octet_length(request_hash) = 32),
  answer       text constraint exchange_answer_size check (octet_length(answer) <= 1048576),
  complaint    text constraint exchange_complaint_length check (length(complaint) <= 4000)
);
create index model_exchanges_request_hash_idx on core.model_exchanges (request_hash);
comment on table  core.model_exchanges              is 'What language models were asked and what they answered, word for word.';
comment on column core.model_exchanges.call_id      is 'The call.';
comment on column core.model_exchanges.request      is 'Messages, schema, tools and parameters.';
comment on column core.model_exchanges.request_hash is 'SHA-256 of the request: by it a recording is found.';
comment on column core.model_exchanges.answer       is 'The assistant''s message as JSON; null when none came.';
comment on column core.model_exchanges.complaint    is 'What was wrong, in the server''s or the parser''s words.';
