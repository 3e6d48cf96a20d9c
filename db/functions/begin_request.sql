-- Who is known already, by the same name, is not written: reads stay reads.
create or replace function api.begin_request(p_account text, p_username text default null)
returns bigint language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare v_user core.users;
begin
  select u.* into v_user from core.users u where u.front_end = 'web_user' and u.account = p_account;
  if not found or v_user.username is distinct from coalesce(p_username, v_user.username) then
    v_user := jsonb_populate_record(v_user, jsonb_build_object('front_end', 'web_user', 'account', p_account));
    v_user.user_id := core.known_user('web_user', p_account, coalesce(p_username, v_user.username));
    -- after it: whoever forgets them holds the account until then
    if exists (select from core.erasures e where e.account = core.account_hash(v_user) and e.erased_at > core.now() - interval '1 day') then
      raise exception 'this account was forgotten a moment ago' using errcode = 'PB061';
    end if;
  end if;
  perform set_config('mas.user_id', v_user.user_id::text, true);
  return v_user.user_id;
end $$;
revoke all on function api.begin_request(text, text) from public;
comment on function api.begin_request(text, text) is $$Begin a request of a person for whom the gateway vouches: until the end of the transaction, what it does as web_user is theirs. A person is known from their first request on; who was forgotten is nobody for a day, so that a token of before does not bring them back.
p_account: the person's account, 1 to 200 characters.
p_username: the name to show, at most 100 characters; null leaves it as it is.
Returns: the person's number.
Locks: the person's row, when it is new or the name has changed.
Raises: PB042, PB061.
Example:
gateway=> select begin_request('anna', 'Anna');
1
admin=> select forget_user('web_user', 'anna') ->> 'user';
1
gateway=> select begin_request('anna', 'Anna');
PB061: this account was forgotten a moment ago$$;
