-- What designers look things up in: KiCad's libraries, and past designs by their words.

-- search_tokens: the words of a text as they are searched for: runs of letters, digits and inner points in lower case, and what
-- hyphens and underscores join also as one: 'SOT-223-3' is sot, 223, 3 and sot2233, so that SOT223 and SOT-223 find the same.
create function core.search_tokens(p_text text) returns text[] language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select array(
    select left(t.token, 60)
      from regexp_matches(lower(p_text), '[[:alnum:]]+(?:[._+-]+[[:alnum:]]+)*', 'g') m,
           lateral (select regexp_replace(m[1], '[^[:alnum:].]+', '', 'g') union select regexp_split_to_table(m[1], '[^[:alnum:].]+')) t (token)
     where t.token <> '')
$$;
comment on function core.search_tokens(text) is 'Words of a text as they are searched for, joined ones also as one.';

-- search_vector: the same words with weights: A for the name, B for keywords, C for the description, D for the rest.
create function core.search_vector(p_name text, p_keywords text, p_description text, p_rest text) returns tsvector language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select coalesce(string_agg(format('''%s'':1%s', x.token, x.weight), ' '), '')::tsvector
    from (select distinct on (t.token) t.token, w.weight
            from (values ('A', p_name), ('B', p_keywords), ('C', p_description), ('D', p_rest)) w (weight, text),
                 unnest(core.search_tokens(left(w.text, 4000))) t (token)
           order by t.token, w.weight) x
$$;
comment on function core.search_vector(text, text, text, text) is 'Words with weights: name, keywords, description, rest.';

create table core.library_symbols (
  symbol            text collate "C" primary key constraint library_symbol_is_kicads check (symbol ~ '^[^:]+:.' and length(symbol) <= 400),
  description       text not null default '' constraint library_symbol_description_length check (length(description) <= 2000),
  keywords          text not null default '' constraint library_symbol_keywords_length check (length(keywords) <= 2000),
  footprint         text not null default '' constraint library_symbol_footprint_length check (length(footprint) <= 400),
  footprint_filters text not null default '' constraint library_symbol_filters_length check (length(footprint_filters) <= 2000),
  pins              integer not null constraint library_symbol_pins_not_negative check (pins >= 0),
  search            tsvector not null generated always as
                    (core.search_vector(symbol, keywords, description, footprint || ' ' || footprint_filters)) stored
);
create index library_symbols_search_idx on core.library_symbols using gin (search);
create index library_symbols_name_idx on core.library_symbols using gin (symbol trgm.gin_trgm_ops);
comment on table  core.library_symbols                   is 'Symbols of KiCad''s installed libraries.';
comment on column core.library_symbols.symbol            is 'Library:Name.';
comment on column core.library_symbols.description       is 'What it is, in the library''s words.';
comment on column core.library_symbols.keywords          is 'The library''s keywords.';
comment on column core.library_symbols.footprint         is 'The footprint that it names, Library:Name; empty when it names none.';
comment on column core.library_symbols.footprint_filters is 'Patterns of footprints that fit it.';
comment on column core.library_symbols.pins              is 'How many pins it has.';
comment on column core.library_symbols.search            is 'Its words, weighted.';

create table core.library_footprints (
  footprint   text collate "C" primary key constraint library_footprint_is_kicads check (footprint ~ '^[^:]+:.' and length(footprint) <= 400),
  description text not null default '' constraint library_footprint_description_length check (length(description) <= 2000),
  tags        text not null default '' constraint library_footprint_tags_length check (length(tags) <= 2000),
  pads        integer not null constraint library_footprint_pads_not_negative check (pads >= 0),
  search      tsvector not null generated always as (core.search_vector(footprint, tags, description, null)) stored
);
create index library_footprints_search_idx on core.library_footprints using gin (search);
create index library_footprints_name_idx on core.library_footprints using gin (footprint trgm.gin_trgm_ops);
comment on table  core.library_footprints             is 'Footprints of KiCad''s installed libraries.';
comment on column core.library_footprints.footprint   is 'Library:Name.';
comment on column core.library_footprints.description is 'What it is, in the library''s words.';
comment on column core.library_footprints.tags        is 'The library''s tags.';
comment on column core.library_footprints.pads        is 'How many pads it has.';
comment on column core.library_footprints.search      is 'Its words, weighted.';

create table core.library_version (
  kind      text primary key constraint library_kind_known check (kind in ('symbols', 'footprints')),
  version   text constraint library_version_length check (length(version) between 1 and 200),
  stored_by name,
  stored_at timestamptz
);
insert into core.library_version (kind) values ('symbols'), ('footprints');
comment on table  core.library_version           is 'Which libraries are stored; a row for each kind, always.';
comment on column core.library_version.kind      is 'symbols or footprints.';
comment on column core.library_version.version   is 'As whoever stored them calls it; null when none is stored.';
comment on column core.library_version.stored_by is 'The role that stored them.';
comment on column core.library_version.stored_at is 'When its last page came in.';

-- Pages that have come so far: readers see a library whole or not at all.
create table core.library_pages (
  kind      text not null references core.library_version (kind),
  session   text not null,
  page      integer not null,
  version   text not null,
  rows      jsonb not null,
  stored_at timestamptz not null default core.now(),
  primary key (kind, session, page)
);
comment on table  core.library_pages           is 'Pages of libraries whose last page has not come in yet.';
comment on column core.library_pages.kind      is 'symbols or footprints.';
comment on column core.library_pages.session   is 'The connection that sends them.';
comment on column core.library_pages.page      is 'First page is 1.';
comment on column core.library_pages.version   is 'Version that they belong to.';
comment on column core.library_pages.rows      is 'The rows, as they came.';
comment on column core.library_pages.stored_at is 'When it came.';
