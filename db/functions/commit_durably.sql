-- commit_durably: a claim earlier in the same transaction made its commit asynchronous; what follows must not be lost.
-- Asked for only where synchronous_commit is found off: the question is cheaper than the call.
create or replace function core.commit_durably()
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  set local synchronous_commit to default;
end $$;
revoke all on function core.commit_durably() from public;
comment on function core.commit_durably() is 'Take back the asynchronous commit of a claim in the same transaction.';
