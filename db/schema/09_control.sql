-- What people control: settings, parts, past designs; and which migrations were applied as which files.

insert into core.error_codes (code, name, what_to_do) values
  ('PB030', 'version refused',   'Run the client that belongs to this schema, or bring the schema to the client''s with ./mas deploy; the message says which.'),
  ('PB031', 'unknown setting',   'Name a setting that list_settings lists.'),
  ('PB032', 'bad setting',       'Choose a value within the limits that list_settings shows.'),
  ('PB033', 'agent exists',      'Change it with change_agent, or choose another name.'),
  ('PB034', 'bad agent',         'Names of agents and channels are lowercase words; see the message.'),
  ('PB035', 'password in clear', 'Send a SCRAM-SHA-256 verifier, made by the client; ./mas agent does it.'),
  ('PB036', 'bad import',        'Send an array of at most 10000 objects, of a kind that import_columns lists.');

create table core.settings (
  name        text primary key constraint setting_name_is_plain check (name ~ '^[a-z][a-z_]{0,62}$'),
  value       text not null,
  minimum     integer not null,
  maximum     integer not null,
  unit        text not null,
  description text not null,
  constraint setting_within_limits check (value ~ '^[0-9]{1,9}$' and value::integer between minimum and maximum)
);
comment on table  core.settings             is 'What people may change without a release; each is read by core.setting().';
comment on column core.settings.name        is 'Name of the setting.';
comment on column core.settings.value       is 'Its value now, a whole number.';
comment on column core.settings.minimum     is 'Least value.';
comment on column core.settings.maximum     is 'Greatest value.';
comment on column core.settings.unit        is 'Unit of the value.';
comment on column core.settings.description is 'What it does.';

insert into core.settings (name, value, minimum, maximum, unit, description) values
  ('agent_attempt_limit',  '8',  1, 100,  'attempts', 'How often a task is tried, for agents that are registered from now on.'),
  ('design_attempt_limit', '5',  1, 50,   'scripts',  'How many scripts may be written for a design that begins from now on.'),
  ('task_history_days',    '30', 1, 3650, 'days',     'How long the history of tasks is kept; a repeat of older work gets PB011.'),
  ('model_repairs',        '2',  0, 20,   'calls',    'How often a task may ask a model again because an answer was of no use.'),
  ('model_calls_per_task', '12', 0, 1000, 'calls',    'How often a model may be asked for one task; 0 for no limit.'),
  ('model_calls_per_design', '60', 0, 100000, 'calls', 'How often a model may be asked for one design, its candidates included; 0 for no limit.'),
  ('design_budget_cents',  '200', 0, 100000000, 'US cents', 'What models may cost for one design, its candidates included; 0 for no limit.'),
  ('user_budget_cents_per_day', '1000', 0, 100000000, 'US cents', 'What models may cost for all designs of a user on one day, in UTC; 0 for no limit.');

create table core.setting_changes (
  change_id  bigint generated always as identity primary key,
  name       text not null references core.settings (name),
  old_value  text not null,
  new_value  text not null,
  changed_by name not null,
  changed_at timestamptz not null default core.now()
);
create index setting_changes_name_idx on core.setting_changes (name, change_id);
comment on table  core.setting_changes            is 'Every change of a setting, append-only, written by a trigger.';
comment on column core.setting_changes.change_id  is 'Order of the changes.';
comment on column core.setting_changes.name       is 'The setting.';
comment on column core.setting_changes.old_value  is 'Value before.';
comment on column core.setting_changes.new_value  is 'Value after.';
comment on column core.setting_changes.changed_by is 'The role that changed it, recorded by the database.';
comment on column core.setting_changes.changed_at is 'When, by the database''s clock.';

create function core.record_setting_change() returns trigger language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  insert into core.setting_changes (name, old_value, new_value, changed_by)
  values (new.name, old.value, new.value, (core.caller()).role);
  return new;
end $$;
comment on function core.record_setting_change() is 'Trigger: who changed a setting, and when.';
create trigger record_setting_change after update of value on core.settings
  for each row when (old.value is distinct from new.value) execute function core.record_setting_change();
create trigger refuse_rewriting before update or delete or truncate on core.setting_changes
  for each statement execute function core.refuse_rewriting();

-- si_value: the number in front of a part's value in its unit without prefix: '18kΩ' is 18000, '3.9nH,300mA' 3.9e-9.
create function core.si_value(p_value text) returns numeric language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select m[1]::numeric * case m[2] when 'p' then 1e-12 when 'n' then 1e-9 when 'u' then 1e-6 when 'µ' then 1e-6 when 'μ' then 1e-6
                                   when 'm' then 1e-3 when 'k' then 1e3 when 'K' then 1e3 when 'M' then 1e6 when 'G' then 1e9 else 1 end
    from regexp_match(p_value, '^\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*([pnuµμmkKMG]?)(?:Ω|Ω|[Oo]hms?|R|F|H|Hz|V)?(?:[\s,].*)?$') m
$$;
comment on function core.si_value(text) is 'The number that a value like 18kΩ or 100nF stands for, or null.';

create table core.parts (
  lcsc         text primary key constraint part_number_is_lcscs check (lcsc ~ '^C[0-9]{1,12}$'),
  mpn          text not null constraint part_mpn_length check (length(mpn) between 1 and 200),
  manufacturer text constraint part_manufacturer_length check (length(manufacturer) <= 200),
  kind         text constraint part_kind_length check (length(kind) <= 200),
  value        text constraint part_value_length check (length(value) <= 200),
  package      text constraint part_package_length check (length(package) <= 200),
  class        text constraint part_class_known check (class in ('basic', 'preferred', 'extended')),
  stock        integer constraint part_stock_positive check (stock >= 0),
  price_breaks text constraint part_prices_are_pairs check (length(price_breaks) <= 2000 and price_breaks ~ '^[0-9]{1,9}:[0-9]{1,9}(\.[0-9]{1,9})?(;[0-9]{1,9}:[0-9]{1,9}(\.[0-9]{1,9})?)*$'),
  symbol       text constraint part_symbol_is_kicads check (symbol ~ '^[^:[:space:]]+:[^:]+$' and length(symbol) <= 400),
  footprint    text constraint part_footprint_is_kicads check (footprint ~ '^[^:[:space:]]+:[^:]+$' and length(footprint) <= 400),
  description  text constraint part_description_length check (length(description) <= 2000),
  datasheet    text constraint part_datasheet_length check (length(datasheet) <= 2000),
  source       text constraint part_source_length check (length(source) <= 2000),
  last_seen    date,
  value_si     numeric generated always as (core.si_value(value)) stored,
  changed_at   timestamptz not null default core.now()
);
create index parts_value_idx on core.parts (value_si, package);
create index parts_mpn_idx on core.parts (mpn);
comment on table  core.parts              is 'Parts that can be bought, as imported.';
comment on column core.parts.lcsc         is 'LCSC''s number, e.g. C17414.';
comment on column core.parts.mpn          is 'The manufacturer''s part number.';
comment on column core.parts.manufacturer is 'Who makes it.';
comment on column core.parts.kind         is 'Category, e.g. Resistors,Chip Resistor - Surface Mount.';
comment on column core.parts.value        is 'Value as the seller writes it, e.g. 18kΩ.';
comment on column core.parts.package      is 'Package as the seller writes it, e.g. R_0805.';
comment on column core.parts.class        is 'The assembler''s class: basic and preferred cost no loading fee, extended does.';
comment on column core.parts.stock        is 'Pieces in stock when last seen; null when unknown.';
comment on column core.parts.price_breaks is 'quantity:price in US dollars a piece, from that quantity on, e.g. 1:0.0043;200:0.0035.';
comment on column core.parts.symbol       is 'KiCad''s symbol, library:name.';
comment on column core.parts.footprint    is 'KiCad''s footprint, library:name.';
comment on column core.parts.description  is 'What it is, in words.';
comment on column core.parts.datasheet    is 'Where its datasheet is.';
comment on column core.parts.source       is 'Where this row''s data comes from.';
comment on column core.parts.last_seen    is 'When the source last had it.';
comment on column core.parts.value_si     is 'The number in value, without prefix; by which 18k is found.';
comment on column core.parts.changed_at   is 'When an import last changed the row.';

-- design_vector: the words of a design, stems in English, by which similar ones are found: title and brief before the requirement.
create function core.design_vector(p_title text, p_brief text, p_requirement jsonb) returns tsvector language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select setweight(to_tsvector('pg_catalog.english', left(concat_ws(' ', p_title, p_brief), 8000)), 'A')
         || case when octet_length(p_requirement::text) <= 65536
                 then setweight(jsonb_to_tsvector('pg_catalog.english', p_requirement, '["string"]'), 'B') else '' end
$$;
comment on function core.design_vector(text, text, jsonb) is 'Words of a design by which similar ones are found.';

create table core.examples (
  content_hash bytea primary key constraint example_hash_length check (octet_length(content_hash) = 32),
  title        text constraint example_title_length check (length(title) <= 200),
  brief        text not null constraint example_brief_size check (length(brief) between 1 and 131072),
  requirement  jsonb constraint example_requirement_size check (octet_length(requirement::text) <= 1048576),
  script       text constraint example_script_size check (length(script) <= 262144),
  outcome      text not null constraint example_outcome_known check (outcome in ('resolved', 'failed', 'refused', 'cancelled')),
  attempts     smallint not null default 0 constraint example_attempts_positive check (attempts >= 0),
  checks       jsonb constraint example_checks_size check (octet_length(checks::text) <= 1048576),
  finished_at  timestamptz,
  source       text constraint example_source_length check (length(source) <= 2000),
  imported_at  timestamptz not null default core.now(),
  search       tsvector not null generated always as (core.design_vector(title, brief, requirement)) stored,
  shared_from  bigint
);
create index examples_search_idx on core.examples using gin (search) where outcome = 'resolved';
create index examples_shared_from_idx on core.examples (shared_from) where shared_from is not null;
comment on table  core.examples              is 'Designs of other databases, imported to learn from; nobody''s work here, and in no queue.';
comment on column core.examples.content_hash is 'SHA-256 of brief, requirement, script and outcome: the same design comes in once.';
comment on column core.examples.title        is 'Title of the design.';
comment on column core.examples.brief        is 'What was asked for, in the user''s words.';
comment on column core.examples.requirement  is 'What the user approved, with measurable limits.';
comment on column core.examples.script       is 'The last script that was written for it.';
comment on column core.examples.outcome      is 'How it ended.';
comment on column core.examples.attempts     is 'Scripts that were written.';
comment on column core.examples.checks       is 'What the tester measured.';
comment on column core.examples.finished_at  is 'When it ended.';
comment on column core.examples.source       is 'Where it comes from.';
comment on column core.examples.imported_at  is 'When it was imported.';
comment on column core.examples.search       is 'Its words, by which similar ones are found.';
comment on column core.examples.shared_from  is 'The design of this database that it was shared from; it is erased with its user.';

create table core.import_columns (
  kind        text not null,
  position    smallint not null,
  name        text not null,
  type        text not null constraint import_type_known check (type in ('text', 'integer', 'smallint', 'date', 'timestamptz', 'jsonb')),
  required    boolean not null,
  is_key      boolean not null,
  pattern     text,
  longest     integer,
  rule        text not null,
  primary key (kind, name),
  constraint import_position_is_unique unique (kind, position)
);
comment on table  core.import_columns          is 'What files for import have: the columns of each kind, in the order in which export writes them.';
comment on column core.import_columns.kind     is 'parts, users, designs or settings.';
comment on column core.import_columns.position is 'Order in an exported file.';
comment on column core.import_columns.name     is 'Header of the column, or key of the object.';
comment on column core.import_columns.type     is 'Type that the value must be valid for.';
comment on column core.import_columns.required is 'Whether every row must have it.';
comment on column core.import_columns.is_key   is 'Whether it belongs to the key by which a row is found again.';
comment on column core.import_columns.pattern  is 'Regular expression that the value must match, if any.';
comment on column core.import_columns.longest  is 'Most characters that it may have, if that is not the type''s own affair.';
comment on column core.import_columns.rule     is 'The same in words; an error says "… is not <rule>".';

insert into core.import_columns (kind, position, name, type, required, is_key, pattern, longest, rule) values
  ('parts', 1,  'lcsc',         'text',    true,  true,  '^C[0-9]{1,12}$', null, 'an LCSC number like C17414'),
  ('parts', 2,  'mpn',          'text',    true,  false, null, 200, 'a part number of at most 200 characters'),
  ('parts', 3,  'manufacturer', 'text',    false, false, null, 200, 'a name of at most 200 characters'),
  ('parts', 4,  'kind',         'text',    false, false, null, 200, 'a category of at most 200 characters'),
  ('parts', 5,  'value',        'text',    false, false, null, 200, 'a value of at most 200 characters'),
  ('parts', 6,  'package',      'text',    false, false, null, 200, 'a package of at most 200 characters'),
  ('parts', 7,  'class',        'text',    false, false, '^(basic|preferred|extended)$', null, 'basic, preferred or extended'),
  ('parts', 8,  'stock',        'integer', false, false, '^[0-9]{1,10}$', null, 'a whole number from 0 to 2147483647'),
  ('parts', 9,  'price_breaks', 'text',    false, false, '^[0-9]{1,9}:[0-9]{1,9}(\.[0-9]{1,9})?(;[0-9]{1,9}:[0-9]{1,9}(\.[0-9]{1,9})?)*$', 2000,
                                                                                            'pairs of quantity:dollars like 1:0.0043;200:0.0035'),
  ('parts', 10, 'symbol',       'text',    false, false, '^[^:[:space:]]+:[^:]+$', 400, 'a KiCad symbol like Device:R'),
  ('parts', 11, 'footprint',    'text',    false, false, '^[^:[:space:]]+:[^:]+$', 400, 'a KiCad footprint like Resistor_SMD:R_0805_2012Metric'),
  ('parts', 12, 'description',  'text',    false, false, null, 2000, 'a text of at most 2000 characters'),
  ('parts', 13, 'datasheet',    'text',    false, false, null, 2000, 'an address of at most 2000 characters'),
  ('parts', 14, 'source',       'text',    false, false, null, 2000, 'a text of at most 2000 characters'),
  ('parts', 15, 'last_seen',    'date',    false, false, '^[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}$', null, 'a date like 2026-08-22'),
  ('users', 1,  'front_end',    'text',    true,  true,  '^[a-z][a-z0-9_]*$', 63, 'a front end''s role like terminal, discord_bot or web_user'),
  ('users', 2,  'account',      'text',    true,  true,  null, 200, 'an account of at most 200 characters'),
  ('users', 3,  'username',     'text',    false, false, null, 100, 'a name of at most 100 characters'),
  ('users', 4,  'discord_id',   'text',    false, false, '^[0-9]{1,50}$', null, 'Discord''s number for the person'),
  ('designs', 1, 'title',       'text',    false, false, null, 200, 'a title of at most 200 characters'),
  ('designs', 2, 'brief',       'text',    true,  false, null, 131072, 'a text'),
  ('designs', 3, 'requirement', 'jsonb',   false, false, '^\s*\{', 1000000, 'a JSON object of at most 1000000 characters'),
  ('designs', 4, 'script',      'text',    false, false, null, 262144, 'a Python file'),
  ('designs', 5, 'outcome',     'text',    true,  false, '^(resolved|failed|refused|cancelled)$', null, 'resolved, failed, refused or cancelled'),
  ('designs', 6, 'attempts',    'smallint', false, false, '^[0-9]{1,5}$', null, 'a whole number from 0 to 32767'),
  ('designs', 7, 'checks',      'jsonb',   false, false, '^\s*\[', 1000000, 'a JSON array of at most 1000000 characters'),
  ('designs', 8, 'finished_at', 'timestamptz', false, false, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]', null, 'a time like 2026-08-22T10:00:00Z'),
  ('designs', 9, 'source',      'text',    false, false, null, 2000, 'a text of at most 2000 characters'),
  ('settings', 1, 'name',       'text',    true,  true,  null, 63, 'a setting''s name'),
  ('settings', 2, 'value',      'text',    true,  false, '^[0-9]{1,9}$', null, 'a whole number');

create type core.import_line as ("row" integer, action text, "column" text, error text);
comment on type core.import_line is 'What became of one row of an import, or one thing that is wrong with it.';

create table core.migration_files (
  file        text primary key,
  sha256      text not null constraint migration_file_hash_length check (sha256 ~ '^[0-9a-f]{64}$'),
  recorded_at timestamptz not null default core.now()
);
comment on table  core.migration_files             is 'What the files of applied migrations were: one that was edited since is noticed at the next deploy.';
comment on column core.migration_files.file        is 'Name of the file in db/migrations.';
comment on column core.migration_files.sha256      is 'SHA-256 of its content when it was first seen applied.';
comment on column core.migration_files.recorded_at is 'When that was.';

-- Here, because it reads the settings.
create view api.model_spending with (security_barrier) as
  with budgets as (
    select nullif(max(s.value) filter (where s.name = 'design_budget_cents'), '0')::numeric / 100 as of_design,
           nullif(max(s.value) filter (where s.name = 'user_budget_cents_per_day'), '0')::numeric / 100 as of_day
      from core.settings s)
  select 'design' as per, c.user_id, c.root_id as design, null::date as day, count(*) as calls, sum(c.prompt_tokens) as prompt_tokens,
         sum(c.completion_tokens) as completion_tokens, sum(c.cost) as cost, b.of_design as budget
    from core.model_calls c cross join budgets b where c.root_id is not null group by c.user_id, c.root_id, b.of_design
  union all
  select 'user and day', c.user_id, null, (c.called_at at time zone 'UTC')::date, count(*), sum(c.prompt_tokens),
         sum(c.completion_tokens), sum(c.cost), b.of_day
    from core.model_calls c cross join budgets b where c.user_id is not null group by c.user_id, 4, b.of_day;
comment on view api.model_spending is $$What language models cost per design and per user and day, against the limits of the settings.
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
client_manager=> select record_model_call(task_id, lease_token, 'a model', 900, 120, 0.5, 1.5) from claim_task();
1
monitor=> select per, user_id, design, calls, cost, budget::float8 from model_spending order by per;
design | 1 | 1 | 1 | 0.500000 | 2
user and day | 1 |  | 1 | 0.500000 | 10$$;
comment on column api.model_spending.per               is 'design, or user and day.';
comment on column api.model_spending.user_id           is 'The user.';
comment on column api.model_spending.design            is 'The design, its candidates included; null in a row for a day.';
comment on column api.model_spending.day               is 'The day, in UTC; null in a row for a design.';
comment on column api.model_spending.calls             is 'How often a model was asked.';
comment on column api.model_spending.prompt_tokens     is 'Tokens sent.';
comment on column api.model_spending.completion_tokens is 'Tokens received.';
comment on column api.model_spending.cost              is 'In US dollars.';
comment on column api.model_spending.budget            is 'What it may cost, in US dollars; null for no limit.';
