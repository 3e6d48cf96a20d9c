-- oldest_client: the oldest client that this schema still answers, by the last migration that it knew.  Raise it in
-- the release that drops a function, or the shape of one, that such a client calls.
create or replace function core.oldest_client()
returns text language sql immutable
set search_path = pg_catalog, pg_temp as $$ select '0002.one-task-a-design' $$;
revoke all on function core.oldest_client() from public;
comment on function core.oldest_client() is 'The oldest schema version whose clients are still answered.';
