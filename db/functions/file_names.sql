-- file_names: names of the files of a design's best attempt, as a JSON array.
create or replace function core.file_names(p_state_id bigint)
returns jsonb language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return (select coalesce(jsonb_agg(a.name order by a.name), '[]') from core.artifacts a
           where a.state_id = p_state_id and a.script_id is not distinct from core.best_script_id(p_state_id));
end $$;
revoke all on function core.file_names(bigint) from public;
comment on function core.file_names(bigint) is 'Names of the files of a design''s best attempt.';
