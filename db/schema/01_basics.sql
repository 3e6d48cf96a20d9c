-- Schemas, the clock, who is calling, and the registry of errors.
-- core: tables and internals, for nobody but the owner.  api: what roles may call; each role's search_path.

create schema core;
create schema api;
comment on schema core is 'Tables and internals; nobody but the owner.';
comment on schema api  is 'The functions and views that roles may use; the contract.';

-- Trigrams, by which misspelt names are found.  A schema of its own: the extension's functions belong to an administrator.
create schema trgm;
comment on schema trgm is 'The extension pg_trgm; nobody but the owner.';
create extension pg_trgm schema trgm;

-- Every function asks this clock, so that a test can move time by replacing one function as the owner.
-- Volatile and without a setting of its own, so that a call of it is inlined and costs nothing.
create function core.now() returns timestamptz language sql volatile as $$ select pg_catalog.clock_timestamp() $$;
comment on function core.now() is 'The one clock: database time, never a client''s.';

create table core.error_codes (
  code       text primary key constraint error_code_is_ours check (code ~ '^PB[0-9]{3}$'),
  name       text not null unique,
  what_to_do text not null,
  http_status smallint not null default 422 constraint error_status_is_a_refusal check (http_status between 400 and 499)
);
comment on table  core.error_codes            is 'Every SQLSTATE that our functions raise; clients match codes, never texts.';
comment on column core.error_codes.code       is 'SQLSTATE, class PB.';
comment on column core.error_codes.name       is 'Short name of the error.';
comment on column core.error_codes.what_to_do is 'What the caller should do about it.';
comment on column core.error_codes.http_status is 'What it is over HTTP.';

insert into core.error_codes (code, name, what_to_do) values
  ('PB001', 'lease lost',         'Drop the result: another worker has the task, or it has ended.'),
  ('PB002', 'unknown agent',      'Log in as an agent that core.agents lists.'),
  ('PB003', 'payload too large',  'Store what is large as an artifact and send its name.'),
  ('PB004', 'key reused',         'Use a new idempotency key for different arguments.'),
  ('PB005', 'illegal transition', 'The design cannot move that way from its present state; read design_status.'),
  ('PB006', 'no such design',     'There is no such design, or it is not yours.'),
  ('PB007', 'bad result',         'The result lacks what this agent must deliver; see the message.'),
  ('PB008', 'bad text',           'Send valid UTF-8 without NUL and other control characters.'),
  ('PB009', 'no such file',       'The design has no file of that name; read design_files.'),
  ('PB010', 'design has ended',   'The design has ended; start a new one.'),
  ('PB011', 'answer dropped',     'The task ended longer ago than history is kept; its answer is gone, do nothing.'),
  ('PB012', 'bad cron',           'Give five fields: minute, hour, day of month, month, day of week; see the message.'),
  ('PB013', 'no dead letter',     'Only a dead letter can be tried again; read dead_letters.'),
  ('PB014', 'no such attempt',    'The design has no attempt of that number with a requirement; read design_history.'),
  ('PB044', 'not passed',         'Only a design that passed can be shared; read design_status.'),
  ('PB045', 'too many files',     'A message may have ten files; send what is left with the next one.'),
  ('PB046', 'bad library page',   'Send pages of at most 5000 objects of one kind over one connection, beginning with the first; see the message.'),
  ('PB047', 'file not taken',     'Send text, tables, netlists, KiCad files, PDF, zip or pictures; attachment_problem says beforehand what is not taken.'),
  ('PB040', 'bad file name',      'Give a plain relative path of letters, digits and _ . + -, at most 200 characters.'),
  ('PB041', 'bad log level',      'Use DEBUG, INFO, WARNING or ERROR.'),
  ('PB042', 'bad argument',       'An argument is null, too long or out of bounds; the message says which.'),
  ('PB043', 'bad model settings', 'Give settings that model_settings lists, within their limits; see the message.'),
  ('PB050', 'budget spent',       'Ask no model for this any more: fail the task with the message, which says who raises the limit.'),
  ('PB051', 'no recording',       'Nobody has asked a model for just this; run it once with a model.');
update core.error_codes set http_status = 404 where code in ('PB006', 'PB009', 'PB014');
update core.error_codes set http_status = 409 where code in ('PB004', 'PB005', 'PB010');
update core.error_codes set http_status = 413 where code = 'PB003';
