-- commit_durably: a claim earlier in the same transaction made its commit asynchronous; what follows must not be lost.
create or replace function core.commit_durably()
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  if current_setting('synchronous_commit') = 'off' then
    set local synchronous_commit to default;
  end if;
end $$;
revoke all on function core.commit_durably() from public;
comment on function core.commit_durably() is 'Take back the asynchronous commit of a claim in the same transaction.';
