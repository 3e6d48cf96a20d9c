-- drop_contents: delete those of these contents that no file has any more.   The caller sees every file.
-- Locks: the contents' rows, in order: whoever stores a file of the same content waits, and looks again.   Returns how many.
create or replace function core.drop_contents(p_hashes bytea[])
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_gone bigint;
begin
  perform from core.artifact_contents c where c.sha256 = any (p_hashes) order by c.sha256 for update;
  delete from core.artifact_contents c
   where c.sha256 = any (p_hashes) and not exists (select from core.artifacts a where a.sha256 = c.sha256);
  get diagnostics v_gone = row_count;
  return v_gone;
end $$;
revoke all on function core.drop_contents(bytea[]) from public;
comment on function core.drop_contents(bytea[]) is 'Delete contents that no file has any more.';
