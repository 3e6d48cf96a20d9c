-- known_user: the user of this account, made when new.   Raises: PB042 an account or a name that is none.
create or replace function core.known_user(p_front_end name, p_account text, p_username text)
returns bigint language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_user_id bigint;
begin
  if p_account is null or length(p_account) not between 1 and 200 then
    raise exception 'an account has 1 to 200 characters' using errcode = 'PB042';
  elsif length(p_username) > 100 then
    raise exception 'a name has at most 100 characters, this one %', length(p_username) using errcode = 'PB042';
  end if;
  insert into core.users as u (front_end, account, username, discord_id)
  values (p_front_end, p_account, p_username, case when p_front_end = 'discord_bot' then p_account end)
  on conflict (front_end, account) do update set username = excluded.username
  returning u.user_id into v_user_id;
  return v_user_id;
end $$;
revoke all on function core.known_user(name, text, text) from public;
comment on function core.known_user(name, text, text) is 'The user of a front end''s account, made when new.';
