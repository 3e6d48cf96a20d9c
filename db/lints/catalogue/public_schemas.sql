-- PUBLIC may use a schema of ours, or create in any.
-- Planted: grant usage on schema core to public
select format('PUBLIC may %s in schema %s', lower(r.privilege), n.nspname) as violation
  from pg_namespace n, (values ('USAGE'), ('CREATE')) r (privilege)
 where n.nspname in ('core', 'api', 'public') and has_schema_privilege('public', n.oid, r.privilege)
   and not (n.nspname = 'public' and r.privilege = 'USAGE');  -- there is nothing in it
