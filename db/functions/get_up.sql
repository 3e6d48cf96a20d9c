create or replace function api.get_up()
returns void language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_unlock_shared(78, hashtext((core.working_agent()).name::text));
end $$;
revoke all on function api.get_up() from public;
comment on function api.get_up() is $$The caller no longer sleeps: takes back prepare_sleep.
Locks: nothing; it gives up the presence that prepare_sleep took.
Raises: PB002.
Example:
kicad=> select prepare_sleep();
kicad=> select get_up();$$;
