-- is_file_name: whether a name is a plain relative path, as the constraints of core.artifacts have it: it leaves its folder
-- on no system, starts no option and needs no quoting.
create or replace function core.is_file_name(p_name text)
returns boolean language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select length(p_name) <= 200 and p_name ~ '^[A-Za-z0-9_][A-Za-z0-9_. +-]*(/[A-Za-z0-9_][A-Za-z0-9_. +-]*)*$'
$$;
revoke all on function core.is_file_name(text) from public;
comment on function core.is_file_name(text) is 'Whether a name is a plain relative path of at most 200 characters.';
