-- Somebody but the owner has a right on a table, column or sequence, or more than SELECT on a view.
-- Planted: grant update (paused) on core.agents to admin
select format('%s has %s on %s', a.grantee::regrole, a.privilege_type, c.oid::regclass) as violation
  from pg_class c, aclexplode(c.relacl) a
 where c.relnamespace in ('core'::regnamespace, 'api'::regnamespace) and a.grantee not in (0, c.relowner)
   and not (c.relnamespace = 'api'::regnamespace and c.relkind = 'v' and a.privilege_type = 'SELECT')
union all
select format('%s has %s on %s.%s', a.grantee::regrole, a.privilege_type, c.oid::regclass, t.attname)
  from pg_class c join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
 where c.relnamespace in ('core'::regnamespace, 'api'::regnamespace) and a.grantee not in (0, c.relowner)
union all
select format('%s may %s schema %s', r.rolname, p.privilege, n.nspname)
  from pg_roles r, pg_namespace n, (values ('core', 'USAGE'), ('core', 'CREATE'), ('api', 'CREATE'), ('public', 'CREATE')) p (schema, privilege)
 where n.nspname = p.schema and not r.rolsuper and r.rolname <> 'mas_owner' and r.rolname !~ '^pg_'  -- who is in such a role, mighty_roles says
  
   and has_schema_privilege(r.oid, n.oid, p.privilege) and not pg_has_role(r.oid, 'pg_database_owner', 'usage');
