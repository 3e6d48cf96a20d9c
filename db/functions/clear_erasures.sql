-- clear_erasures: a day after somebody was forgotten nothing knows their account any more.   Locks: the rows, skipping locked ones.
create or replace function core.clear_erasures()
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  update core.erasures e set account = null where e.erasure_id = any (array(
    select o.erasure_id from core.erasures o where o.account is not null and o.erased_at < core.now() - interval '1 day'
     limit 1000 for update skip locked));
end $$;
revoke all on function core.clear_erasures() from public;
comment on function core.clear_erasures() is 'Forget the accounts of those who were forgotten a day ago.';
