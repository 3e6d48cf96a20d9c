-- take_users: checked rows into core.users, by front end and account.   Locks: the rows it changes.
create or replace function core.take_users(p_rows jsonb)
returns setof core.import_line language sql volatile
set search_path = pg_catalog, pg_temp as $$
  with found as materialized (
    select e.n, jsonb_populate_record(u, e.x) as new, u as old
      from jsonb_array_elements(p_rows) with ordinality e (x, n)
      left join core.users u on u.front_end = e.x ->> 'front_end' and u.account = e.x ->> 'account'
  ), changed as (
    insert into core.users (front_end, account, username, discord_id)
    select (f.new).front_end, (f.new).account, (f.new).username, (f.new).discord_id from found f where f.new is distinct from f.old
    on conflict (front_end, account) do update set username = excluded.username, discord_id = excluded.discord_id
    returning front_end, account
  )
  select f.n::int, case when c.account is null then 'unchanged' when (f.old).account is null then 'inserted' else 'updated' end, null, null
    from found f left join changed c on c.front_end = (f.new).front_end and c.account = (f.new).account
$$;
revoke all on function core.take_users(jsonb) from public;
comment on function core.take_users(jsonb) is 'Checked rows into core.users.';
