-- Users and agents.

create table core.users (
  user_id    bigint generated always as identity primary key,
  discord_id text constraint user_discord_id_length check (length(discord_id) <= 50),
  front_end  name not null,
  account    text collate "C" not null constraint user_account_length check (length(account) between 1 and 200),
  username   text constraint user_username_length check (length(username) <= 100),
  created_at timestamptz not null default core.now(),
  forgotten_at timestamptz,
  constraint user_is_one_account_of_a_front_end unique (front_end, account),
  constraint user_has_no_name_once_forgotten check (forgotten_at is null or username is null and discord_id is null)
);
create index users_discord_id_idx on core.users (discord_id);
comment on table  core.users            is 'People, as a front end knows them.';
comment on column core.users.user_id    is 'Our number for the person.';
comment on column core.users.discord_id is 'Discord''s number for the person, when they came through Discord.';
comment on column core.users.front_end  is 'Role of the front end through which the person came.';
comment on column core.users.account    is 'The person''s account in that front end.';
comment on column core.users.username   is 'The name to show.';
comment on column core.users.created_at is 'When we first met.';
comment on column core.users.forgotten_at is 'When all that was theirs was erased on request; only the number is left, and figures without words.';

-- No foreign key: whom it tells of is nobody any more.
create table core.erasures (
  erasure_id bigint generated always as identity primary key,
  user_id    bigint not null,
  asked_by   name not null,
  erased_at  timestamptz not null default core.now(),
  erased     jsonb not null default '{}',
  open       boolean not null default true,
  account    bytea constraint erasure_account_is_a_hash check (octet_length(account) = 32)
);
create index erasures_open_idx on core.erasures (erasure_id) where open;
create index erasures_account_idx on core.erasures (account) where account is not null;
comment on table  core.erasures            is 'Who was forgotten when, and how much that was: numbers only.';
comment on column core.erasures.erasure_id is 'Order of the erasures.';
comment on column core.erasures.user_id    is 'The number that is left of the person.';
comment on column core.erasures.asked_by   is 'The role that asked for it, recorded by the database.';
comment on column core.erasures.erased_at  is 'When.';
comment on column core.erasures.erased     is 'How many of what were erased.';
comment on column core.erasures.account    is 'For a day SHA-256 of front end and account, so that whoever comes back goes on with what they have spent; then null.';
comment on column core.erasures.open       is 'Under way: true in no transaction but the one that erases, which therefore sees whose files share a content.';

-- What may be said of an agent's language model.  These functions belong to the table below (its CHECK stands on them).
create function core.model_keys()
returns table (place int, key text, kind text, low numeric, high numeric, pattern text, rule text, fallback jsonb, description text)
language sql immutable
set search_path = pg_catalog, pg_temp as $$
  values
    (1,  'provider',       'text',    null::numeric, null::numeric, '^(catalog|huggingface|recorded)$', 'catalog, huggingface or recorded', null::jsonb,
         'Who answers: the built-in catalog, a model, or the recordings of earlier calls; huggingface once a model or a base_url is named.'),
    (2,  'model',          'text',    null, null, '^[^[:space:][:cntrl:]]{1,200}$', 'a model''s name of at most 200 characters', null,
         'Name of the model; without it LLM_MODEL counts.'),
    (3,  'hf_provider',    'text',    null, null, '^[a-z0-9-]{1,50}$', 'a provider''s name like auto or together', '"auto"',
         'Which of Hugging Face''s providers runs it.'),
    -- nobody's name and no query: what lets somebody in is never stored
    (4,  'base_url',       'text',    null, null, '^https?://[^/?#@[:space:]]{1,200}(/[^?#@[:space:]]{0,200})?$', 'an http or https address without user or query', null,
         'Address of a server that speaks the OpenAI protocol; without it LLM_BASE_URL counts.'),
    (5,  'temperature',    'number',  0, 2, null, 'a number from 0 to 2', '0.2', 'How freely the model chooses its words.'),
    (6,  'max_tokens',     'whole',   1, 1000000, null, 'a whole number from 1 to 1000000', '4096', 'Tokens that an answer may have.'),
    (7,  'timeout_s',      'number',  1, 600, null, 'a number from 1 to 600', '120', 'Seconds that an answer may take.'),
    (8,  'context_tokens', 'whole',   256, 10000000, null, 'a whole number from 256 to 10000000', '32768', 'Tokens that the model can read at once; longer prompts are cut.'),
    (9,  'price_in',       'number',  0, 1000, null, 'a number from 0 to 1000', '0', 'US dollars for a million tokens sent.'),
    (10, 'price_out',      'number',  0, 1000, null, 'a number from 0 to 1000', '0', 'US dollars for a million tokens received.'),
    (11, 'prompt_version', 'text',    null, null, '^[A-Za-z0-9_-]{1,50}$', 'a version like 1', '"1"', 'Which version of the prompt files is used.'),
    (12, 'dialect',        'text',    null, null, '^(json_object|json_schema|none)$', 'json_object, json_schema or none', '"json_object"', 'How the server is told of a schema.'),
    (13, 'tools',          'boolean', null, null, null, 'true or false', 'true', 'Whether the model may call tools.'),
    (14, 'vision',         'boolean', null, null, null, 'true or false', 'false', 'Whether the model sees pictures.'),
    (15, 'candidates',     'whole',   1, 5, null, 'a whole number from 1 to 5', '3', 'Designs that are tried side by side at the first attempt.')
$$;
comment on function core.model_keys() is 'The settings of a language model: kind, limits, rule in words, default and meaning.';

create function core.model_problem(p_model jsonb) returns text language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select case when jsonb_typeof(p_model) is distinct from 'object' then 'the settings of a model are an object'
         else (select case when k.key is null then format('there is no setting %s of a model; there are %s', left(s.key, 100),
                                                         (select string_agg(a.key, ', ' order by a.place) from core.model_keys() a))
                           else format('%s is %s, not %s', k.key, k.rule, left(s.value::text, 100)) end
                 from jsonb_each(p_model) s left join core.model_keys() k on k.key = s.key
                where (case k.kind when 'text'    then jsonb_typeof(s.value) = 'string' and s.value #>> '{}' ~ k.pattern
                                   when 'boolean' then jsonb_typeof(s.value) = 'boolean'
                                   else case when jsonb_typeof(s.value) = 'number'
                                             then (s.value #>> '{}')::numeric between k.low and k.high
                                                  and (k.kind = 'number' or (s.value #>> '{}')::numeric % 1 = 0) end end) is not true
                order by s.key limit 1) end
$$;
comment on function core.model_problem(jsonb) is 'What is wrong with the settings of a model, in words; null when nothing is.';

create function core.is_model(p_model jsonb) returns boolean language plpgsql immutable
set search_path = pg_catalog, pg_temp as $$
declare v_problem constant text := core.model_problem(p_model);
begin
  if v_problem is not null then
    raise exception '%', v_problem using errcode = 'PB043';
  end if;
  return true;
end $$;
comment on function core.is_model(jsonb) is 'Raises PB043 for what cannot be the settings of a model.';

create table core.agents (
  name            name primary key,
  listen_channels text[] not null default '{}',
  notify_channels text[] not null default '{}',
  attempt_limit   smallint not null default 8 constraint agent_attempt_limit_positive check (attempt_limit > 0),
  paused          boolean not null default false,
  model           jsonb not null default '{}' constraint agent_model_is_known check (core.is_model(model)),
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
comment on column core.agents.model           is 'What was set of the agent''s language model; the rest has the defaults of core.model_keys().';
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

create table core.allowed_places (
  front_end  name not null references core.agents (name),
  kind       text not null constraint allowed_kind_known check (kind in ('guild', 'channel')),
  place      text collate "C" not null constraint allowed_place_length check (length(place) between 1 and 100),
  allowed_at timestamptz not null default core.now(),
  primary key (front_end, kind, place)
);
comment on table  core.allowed_places            is 'Where a front end may listen: without a row of a kind everywhere it was invited to, else only there.';
comment on column core.allowed_places.front_end  is 'The front end.';
comment on column core.allowed_places.kind       is 'guild, or channel: also the one that a thread belongs to.';
comment on column core.allowed_places.place      is 'The front end''s own number of it.';
comment on column core.allowed_places.allowed_at is 'When it was allowed.';
