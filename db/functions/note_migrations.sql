-- note_migrations: remember what the files of applied migrations are.  p_files: {file name: sha256 in hex}, a file
-- belonging to the migration whose name it begins with.  A migration that was rolled back, or applied again since, is
-- remembered anew.   Returns the files that are not as they were when they were applied.
create or replace function core.note_migrations(p_files jsonb)
returns setof text language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  delete from core.migration_files f
   where not exists (select from public._yoyo_migration m where starts_with(f.file, m.migration_id || '.')
                        and m.applied_at_utc <= f.recorded_at at time zone 'UTC');
  insert into core.migration_files (file, sha256)
  select g.key, g.value from jsonb_each_text(p_files) g
   where exists (select from public._yoyo_migration m where starts_with(g.key, m.migration_id || '.'))
  on conflict do nothing;
  return query select f.file from core.migration_files f where f.sha256 is distinct from p_files ->> f.file order by 1;
end $$;
revoke all on function core.note_migrations(jsonb) from public;
comment on function core.note_migrations(jsonb) is 'Remember the files of applied migrations; returns those that were edited since.';
