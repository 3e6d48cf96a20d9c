-- known_user: the user of this account, made when new.
create or replace function core.known_user(p_front_end name, p_account text, p_username text)
returns bigint language sql volatile
set search_path = pg_catalog, pg_temp as $$
  insert into core.users as u (front_end, account, username, discord_id)
  values (p_front_end, p_account, p_username, case when p_front_end = 'discord_bot' then p_account end)
  on conflict (front_end, account) do update set username = excluded.username
  returning u.user_id
$$;
revoke all on function core.known_user(name, text, text) from public;
comment on function core.known_user(name, text, text) is 'The user of a front end''s account, made when new.';
