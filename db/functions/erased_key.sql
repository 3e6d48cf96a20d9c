-- erased_key: what is left of an event's key once its person was forgotten: by it the event is known when it comes again, from
-- another process or out of what a front end reads anew, and nothing of theirs comes back.
create or replace function core.erased_key(p_key text)
returns text language sql immutable
set search_path = pg_catalog, pg_temp as $$ select 'erased ' || encode(sha256(convert_to(p_key, 'UTF8')), 'hex') $$;
revoke all on function core.erased_key(text) from public;
comment on function core.erased_key(text) is 'The key of an event whose person was forgotten.';
