-- A table, view, sequence, type or schema of ours belongs to somebody else than the owner.
-- Planted: reset role; create table core.planted (n int)
select format('%s belongs to %s', c.oid::regclass, c.relowner::regrole) as violation
  from pg_class c
 where c.relnamespace in ('core'::regnamespace, 'api'::regnamespace) and c.relowner <> 'mas_owner'::regrole
union all
select format('schema %s belongs to %s', n.nspname, n.nspowner::regrole)
  from pg_namespace n
 where n.nspname in ('core', 'api') and n.nspowner <> 'mas_owner'::regrole;
