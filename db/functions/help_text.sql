-- help_text: what a person can say, for people.
create or replace function core.help_text()
returns text language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select 'Say in plain words what circuit board you need; agents ask what is missing, build it and test it until it passes.'
    || e'\n/design WORDS: begin a design'
    || e'\n/status [N]: where a design stands'
    || e'\n/cancel [N]: end a design'
    || e'\n/retry [N]: try a design again that did not become a board'
    || e'\n/files [N]: hand the files out again'
    || e'\n/mine: your last ten designs'
    || e'\n/forget: delete all that is stored of you'
    || e'\n/help: this'
    || e'\nN is the number of a design; without it, the one that is talked about here, or your newest. Files that you attach are read, too.'
$$;
revoke all on function core.help_text() from public;
comment on function core.help_text() is 'What a person can say.';
