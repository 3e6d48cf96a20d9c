-- A schema, table, view, column, function, type or domain of ours says nothing of itself.
-- Planted: create table core.planted (n int)
select format('%s has no comment', c.oid::regclass) as violation
  from pg_class c
 where c.relnamespace in ('core'::regnamespace, 'api'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
   and obj_description(c.oid, 'pg_class') is null
union all
select format('%s.%s has no comment', c.oid::regclass, a.attname)
  from pg_class c join pg_attribute a on a.attrelid = c.oid
 where c.relnamespace in ('core'::regnamespace, 'api'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
   and a.attnum > 0 and not a.attisdropped and col_description(c.oid, a.attnum) is null
union all
select format('%s has no comment', p.oid::regprocedure)
  from pg_proc p
 where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace) and obj_description(p.oid, 'pg_proc') is null
union all
select format('type %s has no comment', t.oid::regtype)
  from pg_type t left join pg_class c on c.oid = t.typrelid
 where t.typnamespace in ('core'::regnamespace, 'api'::regnamespace) and (t.typtype in ('d', 'e') or c.relkind = 'c')
   and obj_description(t.oid, 'pg_type') is null
union all
select format('schema %s has no comment', n.nspname)
  from pg_namespace n
 where n.nspname in ('core', 'api') and obj_description(n.oid, 'pg_namespace') is null;
