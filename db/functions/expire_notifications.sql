-- expire_notifications: forget messages that nobody receives any more.   Locks: their rows.   Returns how many.
create or replace function core.expire_notifications()
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_gone bigint;
begin
  delete from core.notifications n where n.ctid = any (array(
    select e.ctid from core.notifications e where e.expires_at <= core.now() limit 10000 for update skip locked));
  get diagnostics v_gone = row_count;
  return v_gone;
end $$;
revoke all on function core.expire_notifications() from public;
comment on function core.expire_notifications() is 'Delete expired notifications and their receipts.';
