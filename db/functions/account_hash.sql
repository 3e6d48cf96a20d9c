-- account_hash: SHA-256 of a person's front end and account.
create or replace function core.account_hash(p_user core.users)
returns bytea language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select sha256(convert_to(jsonb_build_array(p_user.front_end, p_user.account)::text, 'UTF8'))
$$;
revoke all on function core.account_hash(core.users) from public;
comment on function core.account_hash(core.users) is 'SHA-256 of a person''s front end and account.';
