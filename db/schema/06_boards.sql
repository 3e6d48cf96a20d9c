-- Files, and the board itself as relations: a bill of materials or a netlist is a query.

create table core.artifact_contents (
  sha256  bytea primary key constraint artifact_hash_length check (octet_length(sha256) = 32),
  content bytea not null constraint artifact_size check (octet_length(content) <= 33554432)
);
alter table core.artifact_contents alter column content set storage external; -- what is stored is compressed already
comment on table  core.artifact_contents         is 'The bytes of files, each content once.';
comment on column core.artifact_contents.sha256  is 'SHA-256 of the content.';
comment on column core.artifact_contents.content is 'At most 32 MB.';

create table core.artifacts (
  artifact_id bigint generated always as identity primary key,
  state_id    bigint not null references core.design_states (state_id),
  script_id   bigint references core.design_scripts (script_id),
  name        text not null constraint artifact_name_is_plain
              check (name ~ '^[A-Za-z0-9_][A-Za-z0-9_. +-]*(/[A-Za-z0-9_][A-Za-z0-9_. +-]*)*$' and length(name) <= 200),
  sha256      bytea not null references core.artifact_contents (sha256),
  bytes       integer not null,
  made_by     name not null,
  created_at  timestamptz not null default core.now(),
  constraint artifact_name_is_unique_in_attempt unique nulls not distinct (state_id, script_id, name)
);
create index artifacts_script_id_idx on core.artifacts (script_id);
create index artifacts_sha256_idx on core.artifacts (sha256);
comment on table  core.artifacts             is 'Files of a design.';
comment on column core.artifacts.artifact_id is 'Number of the file.';
comment on column core.artifacts.state_id    is 'The design.';
comment on column core.artifacts.script_id   is 'The attempt that made it; null for what the user sent.';
comment on column core.artifacts.name        is 'Relative path, letters, digits and . _ + - only.';
comment on column core.artifacts.sha256      is 'Its content.';
comment on column core.artifacts.bytes       is 'Its size.';
comment on column core.artifacts.made_by     is 'The role that stored it, recorded by the database.';
comment on column core.artifacts.created_at  is 'When.';

create table core.board_footprints (
  script_id bigint not null references core.design_scripts (script_id),
  ref       text not null,
  value     text not null,
  footprint text not null,
  symbol    text not null,
  part      text,
  x_mm      double precision not null,
  y_mm      double precision not null,
  rotation  double precision not null,
  side      text not null constraint footprint_side_known check (side in ('front', 'back')),
  primary key (script_id, ref)
);
comment on table  core.board_footprints           is 'Parts on the board of an attempt.';
comment on column core.board_footprints.script_id is 'The attempt.';
comment on column core.board_footprints.ref       is 'Reference, e.g. R1.';
comment on column core.board_footprints.value     is 'Value, e.g. 4.7k.';
comment on column core.board_footprints.footprint is 'KiCad''s footprint.';
comment on column core.board_footprints.symbol    is 'KiCad''s symbol.';
comment on column core.board_footprints.part      is 'Key into the parts table, if it has one.';
comment on column core.board_footprints.x_mm      is 'From the left edge.';
comment on column core.board_footprints.y_mm      is 'From the top edge.';
comment on column core.board_footprints.rotation  is 'Degrees counter-clockwise.';
comment on column core.board_footprints.side      is 'front or back.';

create table core.board_nets (
  script_id bigint not null references core.design_scripts (script_id),
  net       text not null,
  primary key (script_id, net)
);
comment on table  core.board_nets           is 'Nets of the board of an attempt.';
comment on column core.board_nets.script_id is 'The attempt.';
comment on column core.board_nets.net       is 'Name of the net.';

create table core.board_pads (
  script_id bigint not null,
  ref       text not null,
  pad_index integer not null,
  number    text not null,
  net       text,
  kind      text not null constraint pad_kind_known check (kind in ('smd', 'through', 'hole')),
  x_mm      double precision not null,
  y_mm      double precision not null,
  drill_mm  double precision not null,
  primary key (script_id, ref, pad_index),
  foreign key (script_id, ref) references core.board_footprints (script_id, ref),
  foreign key (script_id, net) references core.board_nets (script_id, net)
);
create index board_pads_net_idx on core.board_pads (script_id, net);
comment on table  core.board_pads           is 'Pads, with the net that each is on.';
comment on column core.board_pads.script_id is 'The attempt.';
comment on column core.board_pads.ref       is 'The part.';
comment on column core.board_pads.pad_index is 'Order in the part: several pads may share a number.';
comment on column core.board_pads.number    is 'Pad number as in the footprint.';
comment on column core.board_pads.net       is 'The net, null when unconnected.';
comment on column core.board_pads.kind      is 'smd, through (plated) or hole (not plated).';
comment on column core.board_pads.x_mm      is 'From the left edge.';
comment on column core.board_pads.y_mm      is 'From the top edge.';
comment on column core.board_pads.drill_mm  is 'Drill diameter, 0 for SMD.';

create table core.board_tracks (
  script_id   bigint not null,
  track_index integer not null,
  net         text not null,
  layer       text not null constraint track_layer_known check (layer in ('front', 'back', 'via')),
  width_mm    double precision not null,
  x0_mm       double precision not null,
  y0_mm       double precision not null,
  x1_mm       double precision not null,
  y1_mm       double precision not null,
  primary key (script_id, track_index),
  foreign key (script_id, net) references core.board_nets (script_id, net)
);
create index board_tracks_net_idx on core.board_tracks (script_id, net);
comment on table  core.board_tracks             is 'Tracks and vias.';
comment on column core.board_tracks.script_id   is 'The attempt.';
comment on column core.board_tracks.track_index is 'Order on the board.';
comment on column core.board_tracks.net         is 'The net.';
comment on column core.board_tracks.layer       is 'front, back or via.';
comment on column core.board_tracks.width_mm    is 'Width, or diameter of the via.';
comment on column core.board_tracks.x0_mm       is 'Start, from the left edge.';
comment on column core.board_tracks.y0_mm       is 'Start, from the top edge.';
comment on column core.board_tracks.x1_mm       is 'End, from the left edge.';
comment on column core.board_tracks.y1_mm       is 'End, from the top edge.';

-- What a person sends along, before the message that it belongs to; receive_message with that key binds it to the design.
create table core.attachments (
  attachment_id bigint generated always as identity primary key,
  user_id       bigint not null references core.users (user_id),
  message_key   text collate "C" not null constraint attachment_key_length check (length(message_key) between 1 and 200),
  name          text not null constraint attachment_name_is_plain
                check (name ~ '^[A-Za-z0-9_][A-Za-z0-9_. +-]*(/[A-Za-z0-9_][A-Za-z0-9_. +-]*)*$' and length(name) <= 200),
  content       bytea not null constraint attachment_size check (octet_length(content) <= 8388608),
  state_id      bigint references core.design_states (state_id),
  attached_at   timestamptz not null default core.now(),
  constraint attachment_name_is_unique_in_message unique (user_id, message_key, name)
);
alter table core.attachments alter column content set storage external; -- what is sent is mostly compressed already
create index attachments_state_id_idx on core.attachments (state_id) where state_id is not null;
create index attachments_unbound_idx on core.attachments (attached_at) where state_id is null;
comment on table  core.attachments               is 'Files that people sent with their messages.';
comment on column core.attachments.attachment_id is 'Number of the file; later ones are larger.';
comment on column core.attachments.user_id       is 'Whose file it is.';
comment on column core.attachments.message_key   is 'The front end''s key of the message that it comes with.';
comment on column core.attachments.name          is 'Relative path, letters, digits and . _ + - only.';
comment on column core.attachments.content       is 'At most 8 MB.';
comment on column core.attachments.state_id      is 'The design of that message; null until it has come, for a day at most.';
comment on column core.attachments.attached_at   is 'When it came.';
