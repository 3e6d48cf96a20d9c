-- check_result: a result may have 1 MB and 32 levels.   Raises: PB003.
create or replace function core.check_result(p_result jsonb)
returns void language plpgsql immutable
set search_path = pg_catalog, pg_temp as $$
begin
  if octet_length(p_result::text) > 1048576 then
    raise exception 'the result has % bytes, 1048576 are allowed', octet_length(p_result::text) using errcode = 'PB003';
  elsif jsonb_path_exists(p_result, '$.**{33}') then
    raise exception 'the result is nested more than 32 deep' using errcode = 'PB003';
  end if;
end $$;
revoke all on function core.check_result(jsonb) from public;
comment on function core.check_result(jsonb) is 'Raises PB003 for more than 1 MB or 32 levels.';
