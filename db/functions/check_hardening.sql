create or replace function api.check_hardening()
returns table (door text, closed boolean, how text) language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
  select v.door, v.closed, v.how from (values
    (1, 'any login may run DO blocks', not has_language_privilege('public', 'plpgsql', 'usage'),
        'a superuser runs db/bootstrap.sql in this database'),
    (2, 'any login may make large objects',
        not exists (select from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace and has_function_privilege('public', p.oid, 'execute')
                       and (p.proname like 'lo\_%' or p.proname in ('loread', 'lowrite'))),
        'a superuser runs db/bootstrap.sql in this database'),
    (3, 'any login may take advisory locks',
        not exists (select from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace and has_function_privilege('public', p.oid, 'execute')
                       and p.proname ~ '^pg_(try_)?advisory_'),
        'a superuser runs db/bootstrap.sql in this database'),
    (4, 'any login of the cluster may connect and make temporary tables',
        not has_database_privilege('public', current_database(), 'connect') and not has_database_privilege('public', current_database(), 'temporary'),
        'the database''s owner: revoke all on database … from public'),
    (5, 'any login may create in schema public', not has_schema_privilege('public', 'public', 'create'),
        'the database''s owner: revoke create on schema public from public'),
    (6, 'the owner of our functions has rights of its own',
        not exists (select from pg_roles r where r.rolname = 'mas_owner' and (r.rolcanlogin or r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolbypassrls)),
        'an administrator: alter role mas_owner nologin nosuperuser nocreaterole nocreatedb nobypassrls'),
    (7, 'new passwords may be stored as MD5', current_setting('password_encryption') = 'scram-sha-256',
        'in postgresql.conf: password_encryption = scram-sha-256'),
    (8, 'connections over TCP may be plain text', current_setting('listen_addresses') = '' or current_setting('ssl')::boolean,
        'in postgresql.conf: ssl = on; in pg_hba.conf: hostssl only')) v (n, door, closed, how)
   order by v.n
$$;
revoke all on function api.check_hardening() from public;
comment on function api.check_hardening() is $$What ought to be closed on this server, and whether it is; what is open is an administrator's work, which on a managed server nobody may do.
Raises: nothing
Example:
monitor=> select door, closed from check_hardening() limit 1;
any login may run DO blocks | t$$;
