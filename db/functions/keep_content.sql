-- keep_content: store a content once, and hold it until the file that has it is there.
-- Locks: the content's row, shared: who deletes contents waits.
create or replace function core.keep_content(p_sha256 bytea, p_content bytea)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  loop
    insert into core.artifact_contents (sha256, content) values (p_sha256, p_content) on conflict do nothing;
    exit when found;
    perform from core.artifact_contents c where c.sha256 = p_sha256 for key share;
    exit when found;  -- else it was deleted between the two
  end loop;
end $$;
revoke all on function core.keep_content(bytea, bytea) from public;
comment on function core.keep_content(bytea, bytea) is 'Store a content once and hold it.';
