create or replace function api.check_verifier(p_verifier text)
returns void language plpgsql immutable security definer
set search_path = pg_catalog, pg_temp as $$
begin
  if p_verifier is null or p_verifier !~ '^SCRAM-SHA-256\$[0-9]+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$' then
    raise exception 'the password must come as a SCRAM-SHA-256 verifier' using errcode = 'PB035';
  end if;
end $$;
revoke all on function api.check_verifier(text) from public;
comment on function api.check_verifier(text) is $$Refuse a password that is no SCRAM verifier: in clear it would stand in logs.
p_verifier: SCRAM-SHA-256, as the client makes it.
Raises: PB035.
Example:
mas_administrator=> select check_verifier('hunter2');
PB035: the password must come as a SCRAM-SHA-256 verifier$$;
