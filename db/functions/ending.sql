-- ending: how a design ended, as the rest of a sentence.
create or replace function core.ending(p_state text)
returns text language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select case p_state when 'resolved' then 'has passed' when 'failed' then 'has failed' when 'refused' then 'was out of scope' else 'was cancelled' end
$$;
revoke all on function core.ending(text) from public;
comment on function core.ending(text) is 'How a design ended, as the rest of a sentence.';
