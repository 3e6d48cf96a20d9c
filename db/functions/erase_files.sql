-- erase_files: the files of these designs and those that the person sent; a content that somebody else's file has stays.
-- The caller has an open row in core.erasures.   Locks: the contents' rows, in order.   Returns {files, contents, attachments}.
create or replace function core.erase_files(p_user_id bigint, p_designs bigint[])
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_hashes bytea[];
  v_files bigint;
  v_attachments bigint;
begin
  with gone as (delete from core.artifacts a where a.state_id = any (p_designs) returning a.sha256)
  select count(*), coalesce(array_agg(distinct g.sha256), '{}') into v_files, v_hashes from gone g;
  delete from core.attachments a where a.user_id = p_user_id;
  get diagnostics v_attachments = row_count;
  return jsonb_build_object('files', v_files, 'contents', core.drop_contents(v_hashes), 'attachments', v_attachments);
end $$;
revoke all on function core.erase_files(bigint, bigint[]) from public;
comment on function core.erase_files(bigint, bigint[]) is 'Erase the files of these designs and those that the person sent.';
