-- What only an administrator of the server can close: PUBLIC's right to run DO blocks, to make large objects and to
-- take advisory locks.  On a managed server, where nobody may, PostgreSQL warns ("no privileges could be revoked") and
-- it stays open: api.check_hardening() says what, and `./mas deploy` and `./mas doctor` say it too.
do $$
declare v_function regprocedure;
begin
  grant pg_read_all_stats to monitor with inherit true;  -- a person, no agent: sees whose transactions are open (oldest_transaction)
  revoke usage on language plpgsql from public;
  grant usage on language plpgsql to mas_owner;
  for v_function in
    select p.oid from pg_proc p
     where p.pronamespace = 'pg_catalog'::regnamespace
       and (p.proname like 'lo\_%' or p.proname in ('loread', 'lowrite') or p.proname like 'pg\_advisory\_%' or p.proname like 'pg\_try\_advisory\_%')
  loop
    execute format('revoke execute on function %s from public', v_function);
    if v_function::text like '%advisory%' then
      execute format('grant execute on function %s to mas_owner', v_function);
    end if;
  end loop;
exception when insufficient_privilege then
  raise warning 'left open, for want of an administrator''s rights: %', sqlerrm;
end $$;
