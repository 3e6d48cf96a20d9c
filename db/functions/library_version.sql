create or replace function api.library_version(p_kind text)
returns text language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select v.version from core.library_version v where v.kind = p_kind
$$;
revoke all on function api.library_version(text) from public;
comment on function api.library_version(text) is $$Which version of KiCad's libraries is stored; null when none is, so that whoever has them stores them.
p_kind: symbols or footprints.
Raises: nothing
Example:
kicad=> select coalesce(library_version('symbols'), 'none');
none$$;
