-- PUBLIC has a right on a table, view, sequence, column or type of ours.
-- Planted: grant select (name) on core.agents to public
select format('PUBLIC has %s on %s', a.privilege_type, c.oid::regclass) as violation
  from pg_class c, aclexplode(c.relacl) a
 where c.relnamespace in ('core'::regnamespace, 'api'::regnamespace) and a.grantee = 0
union all
select format('PUBLIC has %s on %s.%s', a.privilege_type, c.oid::regclass, t.attname)
  from pg_class c join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
 where c.relnamespace in ('core'::regnamespace, 'api'::regnamespace) and a.grantee = 0;
