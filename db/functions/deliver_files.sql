-- deliver_files: hand out the files of a design's best attempt, if there are any.   Returns whether there are.
create or replace function core.deliver_files(p_state_id bigint)
returns boolean language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  if core.file_names(p_state_id) = '[]' then
    return false;
  end if;
  perform core.deliver(p_state_id, 'files', jsonb_build_object('part', 1, 'of', 1));
  return true;
end $$;
revoke all on function core.deliver_files(bigint) from public;
comment on function core.deliver_files(bigint) is 'Write the delivery of a design''s files.';
