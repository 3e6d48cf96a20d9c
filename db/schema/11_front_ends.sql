-- What comes from people and what goes to them, whichever front end carries it: an inbox, in which each event is taken once,
-- and an outbox, from which each delivery is claimed, sent and recorded.

create table core.front_ends (
  name           name primary key,
  status_every   interval not null default '3 s' constraint front_end_status_every_not_negative check (status_every >= '0'),
  message_length integer constraint front_end_message_length_in_range check (message_length between 100 and 100000),
  threads        boolean not null default false,
  limited        boolean not null default true,
  cursor         text constraint front_end_cursor_length check (length(cursor) between 1 and 200)
);
comment on table  core.front_ends                is 'What carries talk between people and agents, and how.';
comment on column core.front_ends.name           is 'Its role; web_user is everybody behind the gateway.';
comment on column core.front_ends.status_every   is 'Least time between two edits of a design''s status.';
comment on column core.front_ends.message_length is 'Most characters that a message may have; longer ones are sent in pages.  Null for no limit.';
comment on column core.front_ends.threads        is 'Whether each design of a guild gets a thread of its own.';
comment on column core.front_ends.limited        is 'Whether its users are held to the settings user_messages_per_minute, user_designs_at_once and user_designs_per_day.';
comment on column core.front_ends.cursor         is 'Number of the last event that it has heard; null at first.';
insert into core.front_ends (name, status_every, message_length, threads, limited) values
  ('terminal',    '0 s', null, false, false),
  ('discord_bot', '3 s', 1900, true,  true),
  ('web_user',    '0 s', null, false, true);

insert into core.settings (name, value, minimum, maximum, unit, description) values
  ('user_messages_per_minute', '30', 0, 100000, 'messages', 'How much a user may say in a minute, where a front end is limited; 0 for no limit.'),
  ('user_designs_at_once',     '5',  0, 100000, 'designs',  'How many designs of a user may be unfinished, where a front end is limited; 0 for no limit.'),
  ('user_designs_per_day',     '50', 0, 100000, 'designs',  'How many designs a user may begin in 24 hours, where a front end is limited; 0 for no limit.'),
  ('direct_messages',          '1',  0, 1,      '0 or 1',   'Whether people may talk in direct messages, which are in no guild.');

-- What a front end says of one event, on its way through the functions that take it.
create type core.event as (
  front_end name, user_id bigint, account text, key text, command text, words text, place text, parent text, guild text,
  source text, design bigint, message bigint, files jsonb, reply_token text, interactive boolean, place_id bigint, here bigint);
comment on type core.event is 'One event: what receive_event was told, whose it is, where it happened, and the design that is talked about there.';

create table core.places (
  place_id  bigint generated always as identity primary key,
  front_end name not null references core.front_ends (name),
  place     text collate "C" constraint place_length check (length(place) between 1 and 200),
  parent    text collate "C" constraint place_parent_length check (length(parent) between 1 and 200),
  guild     text collate "C" constraint place_guild_length check (length(guild) between 1 and 200),
  opened_at timestamptz not null default core.now(),
  constraint place_is_known_once unique (front_end, place)
);
comment on table  core.places           is 'Where designs are talked about: threads, direct messages, terminals.';
comment on column core.places.place_id  is 'Our number for the place.';
comment on column core.places.front_end is 'The front end that it belongs to.';
comment on column core.places.place     is 'The front end''s number for it; null until a thread is opened.';
comment on column core.places.parent    is 'The channel that a thread belongs to; null for a place of its own.';
comment on column core.places.guild     is 'The guild that it belongs to; null for direct messages and terminals.';
comment on column core.places.opened_at is 'When it was first used.';

alter table core.design_states add column place_id bigint references core.places (place_id);
create index design_states_place_id_idx on core.design_states (place_id) where place_id is not null;
comment on column core.design_states.place_id is 'Where it is talked about; null: nobody is written to.';

alter table core.chat_messages add column discord_message_id text collate "C" constraint message_has_one_number_of_discords unique;
comment on column core.chat_messages.discord_message_id is 'Discord''s number of the message, of the first of its pages.';

create table core.inbox (
  event_id    bigint generated always as identity primary key,
  front_end   name not null,
  event_key   text collate "C" not null constraint event_key_length check (length(event_key) between 1 and 200),
  digest      bytea not null constraint event_digest_length check (octet_length(digest) = 32),
  user_id     bigint references core.users (user_id),
  place_id    bigint references core.places (place_id),
  command     text not null constraint event_command_length check (length(command) <= 100),
  outcome     jsonb,
  received_at timestamptz not null default core.now(),
  constraint event_is_received_once unique (front_end, event_key)
);
create index inbox_user_id_idx on core.inbox (user_id, received_at);
create index inbox_place_id_idx on core.inbox (place_id, received_at);
create index inbox_received_at_idx on core.inbox (received_at);
comment on table  core.inbox             is 'Events that came from people; each is taken once.';
comment on column core.inbox.event_id    is 'Order of the events.';
comment on column core.inbox.front_end   is 'The front end that it came through.';
comment on column core.inbox.event_key   is 'That front end''s own number of it.';
comment on column core.inbox.digest      is 'SHA-256 of what it said: the same key with other words is an error.';
comment on column core.inbox.user_id     is 'Whose it is; null when nobody was to be known by it.';
comment on column core.inbox.place_id    is 'Where it happened, if that is a place of ours.';
comment on column core.inbox.command     is 'What was asked for.';
comment on column core.inbox.outcome     is 'What became of it: {outcome, design}.';
comment on column core.inbox.received_at is 'When it came.';

create table core.outbox (
  delivery_id bigint generated always as identity primary key,
  front_end   name not null,
  place_id    bigint references core.places (place_id),
  state_id    bigint references core.design_states (state_id),
  lane        bigint,
  kind        text not null constraint delivery_kind_known check (kind in (
                'opening', 'thread', 'status', 'message', 'proposal', 'answer', 'reply', 'result', 'files')),
  message_id  bigint references core.chat_messages (message_id),
  content     jsonb not null default '{}' constraint delivery_size check (octet_length(content::text) <= 262144),
  nonce       text collate "C" not null default left(replace(gen_random_uuid()::text, '-', ''), 24)
              constraint delivery_nonce_is_unique unique constraint delivery_nonce_length check (length(nonce) between 1 and 25),
  state       text not null default 'waiting' constraint delivery_state_known check (state in ('waiting', 'claimed', 'sent', 'dead')),
  claimed_by  text collate "C" constraint delivery_claimer_length check (length(claimed_by) between 1 and 200),
  claim_token uuid,
  attempt     integer not null default 0 constraint delivery_attempt_not_negative check (attempt >= 0),
  due_at      timestamptz not null default core.now(),
  changed     boolean not null default false,
  remote_id   text collate "C" constraint delivery_remote_length check (length(remote_id) between 1 and 200),
  shown       jsonb,
  reply_token text constraint delivery_reply_token_length check (length(reply_token) between 1 and 500),
  last_error  text constraint delivery_error_length check (length(last_error) <= 2000),
  created_at  timestamptz not null default core.now(),
  sent_at     timestamptz,
  user_id     bigint references core.users (user_id),
  constraint delivery_claim_iff_claimed check ((state = 'claimed') = (claim_token is not null and claimed_by is not null)),
  constraint delivery_sent_has_a_time check (state <> 'sent' or sent_at is not null and remote_id is not null),
  constraint delivery_token_of_a_reply check (reply_token is null or kind = 'reply' and state in ('waiting', 'claimed')),
  constraint delivery_status_of_a_design check (kind <> 'status' or state_id is not null)
);
create index outbox_due_idx on core.outbox (front_end, due_at) where state in ('waiting', 'claimed');
create index outbox_order_idx on core.outbox (lane, delivery_id) where state in ('waiting', 'claimed') and remote_id is null;
create unique index delivery_status_is_one_a_design on core.outbox (state_id) where kind = 'status';
create unique index delivery_remote_is_recorded_once on core.outbox (front_end, remote_id) where remote_id is not null and kind <> 'thread';
create index outbox_place_id_idx on core.outbox (place_id) where place_id is not null;
create index outbox_state_id_idx on core.outbox (state_id) where state_id is not null;
create index outbox_message_id_idx on core.outbox (message_id) where message_id is not null;
create index outbox_created_at_idx on core.outbox (created_at);
create index outbox_user_id_idx on core.outbox (user_id) where user_id is not null;
comment on table  core.outbox             is 'What goes to people: claimed under a lease, sent, recorded.';
comment on column core.outbox.delivery_id is 'Number of the delivery; those of a design are sent in this order.';
comment on column core.outbox.front_end   is 'The front end that sends it.';
comment on column core.outbox.place_id    is 'Where to; null for a private answer that belongs to no place.';
comment on column core.outbox.state_id    is 'The design that it is about, if any.';
comment on column core.outbox.lane        is 'What is sent in order: the design''s number, or minus the place''s; null waits for nothing.';
comment on column core.outbox.kind        is 'opening, thread, status, message, proposal, answer, reply, result or files.';
comment on column core.outbox.message_id  is 'The chat message that it carries, if any.';
comment on column core.outbox.content     is 'What to send; a status is made when it is claimed.';
comment on column core.outbox.nonce       is 'Random: by it a front end finds what was sent and not recorded.';
comment on column core.outbox.state       is 'waiting, claimed, sent or dead; a status waits again whenever it has changed.';
comment on column core.outbox.claimed_by  is 'The process that has it.';
comment on column core.outbox.claim_token is 'One a claim: who has lost it records nothing.';
comment on column core.outbox.attempt     is 'Claims since it was last sent.';
comment on column core.outbox.due_at      is 'When it may be claimed; of a claimed one, when its lease ends.';
comment on column core.outbox.changed     is 'Of a status: the design has changed since it was claimed.';
comment on column core.outbox.remote_id   is 'The front end''s number of what was sent.';
comment on column core.outbox.shown       is 'Of a status: what was claimed to be sent last, but for the time that passes.';
comment on column core.outbox.reply_token is 'What lets its bearer answer an interaction; gone once sent, and after 15 minutes.';
comment on column core.outbox.last_error  is 'Why it could not be sent.';
comment on column core.outbox.created_at  is 'When it was written.';
comment on column core.outbox.sent_at     is 'When it was last sent.';
comment on column core.outbox.user_id     is 'Whom it answers; null for what goes to all who follow a design.';

-- A front end sees its own; a user behind the gateway what belongs to their designs.
alter table core.places enable row level security;
alter table core.places force row level security;
create policy places_of_the_caller on core.places
  using ((select core.sees_every_user()) or front_end = (core.caller()).role
         or exists (select from core.design_states d where d.place_id = places.place_id)); -- design_states filters by caller

alter table core.inbox enable row level security;
alter table core.inbox force row level security;
create policy events_of_the_caller on core.inbox
  using ((select core.sees_every_user()) or front_end = (core.caller()).role);

alter table core.outbox enable row level security;
alter table core.outbox force row level security;
create policy deliveries_of_the_caller on core.outbox
  using ((select core.sees_every_user()) or front_end = (core.caller()).role
         or exists (select from core.design_states d where d.state_id = outbox.state_id)); -- design_states filters by caller
