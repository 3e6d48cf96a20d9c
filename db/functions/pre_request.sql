-- pre_request: what PostgREST calls at the beginning of each request, when it is web_user already.
-- No definer: to ask who somebody is, it becomes the login again, which alone may begin a request.
-- Through a gateway that sets no claims it refuses; behind PostgREST it makes a person only into themselves.
create or replace function api.pre_request()
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare v_claims constant jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
begin
  -- PostgREST compares `exp` and `aud` where a token has them, and takes an empty `aud` for everybody: here it must have them
  if jsonb_typeof(v_claims -> 'sub') is distinct from 'string' or jsonb_typeof(v_claims -> 'exp') is distinct from 'number'
     or coalesce(v_claims -> 'aud', 'null') in ('null', '[]', '""') then
    raise exception 'a token with sub, exp and aud is needed' using errcode = 'PB042';
  end if;
  perform set_config('role', 'none', true);
  perform api.begin_request(v_claims ->> 'sub', v_claims ->> 'name');
  perform set_config('role', 'web_user', true);
  perform set_config('statement_timeout', '5s', true);
end $$;
revoke all on function api.pre_request() from public;
comment on function api.pre_request() is $$Begin a request that came through PostgREST, by the claims of its token (the setting request.jwt.claims); our own gateway calls begin_request instead, and sets no claims.
Returns: nothing.
Locks: as begin_request.
Raises: PB042, PB061.
Example:
web_user=> select pre_request();
PB042: a token with sub, exp and aud is needed
web_user=> select set_config('request.jwt.claims', '{"sub": "anna", "aud": "hardware_mas", "exp": 4102444800}', false) is not null;
t
web_user=> select pre_request();$$;
