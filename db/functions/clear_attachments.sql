-- clear_attachments: delete files whose message has not come within a day.   Locks: their rows, skipping locked ones.
-- Returns how many.
create or replace function core.clear_attachments()
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_gone bigint;
begin
  delete from core.attachments a where a.ctid = any (array(
    select o.ctid from core.attachments o where o.state_id is null and o.attached_at < core.now() - interval '1 day'
     limit 1000 for update skip locked));
  get diagnostics v_gone = row_count;
  return v_gone;
end $$;
revoke all on function core.clear_attachments() from public;
comment on function core.clear_attachments() is 'Delete files whose message has not come within a day.';
