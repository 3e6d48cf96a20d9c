-- design_files: the files of a design's best attempt so far, by name.   Raises: PB006.
create or replace function api.design_files(p_design bigint)
returns table (name text, bytes int, sha256 text, made_by name, created_at timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  perform core.design_of_caller(p_design);
  return query select a.name, a.bytes, encode(a.sha256, 'hex'), a.made_by, a.created_at from core.artifacts a
                where a.state_id = p_design and a.script_id is not distinct from core.best_script_id(p_design) order by a.name;
end $$;
revoke all on function api.design_files(bigint) from public;
comment on function api.design_files(bigint) is 'Files of the best attempt so far.';
