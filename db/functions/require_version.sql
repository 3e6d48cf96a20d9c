create or replace function api.require_version(p_version text)
returns text language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare v_here constant text := api.schema_version();
begin
  if p_version !~ '^[0-9]{4}\.' or p_version is null then
    raise exception '% is no schema version; one looks like %', coalesce(p_version, 'null'), v_here using errcode = 'PB030';
  elsif left(p_version, 4) < left(core.oldest_client(), 4) then
    raise exception 'this client was written for schema %, the database has % and answers clients from % on: update the client',
      p_version, v_here, core.oldest_client() using errcode = 'PB030';
  elsif left(p_version, 4) > left(v_here, 4) then
    raise exception 'this client was written for schema %, the database has %: run ./mas deploy', p_version, v_here using errcode = 'PB030';
  end if;
  return v_here;
end $$;
revoke all on function api.require_version(text) from public;
comment on function api.require_version(text) is $$Accept or refuse a client by the schema version it was written for; it says so before anything else.
p_version: the last migration that the client knows.
Returns: the version that is here.
Raises: PB030, with what to do.
Example:
kicad=> select require_version('9999.tomorrow');
PB030: …$$;
