-- lives_of: a user, and who they were before they were forgotten, within a day: limits of a day hold for all of them, or to be
-- forgotten would be to get a new budget.
create or replace function core.lives_of(p_user_id bigint)
returns bigint[] language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return array(select p_user_id
                union select e.user_id from core.users u join core.erasures e on e.account = core.account_hash(u)
                       where u.user_id = p_user_id);
end $$;
revoke all on function core.lives_of(bigint) from public;
comment on function core.lives_of(bigint) is 'A user, and who they were before they were forgotten, within a day.';
