-- A CHECK has the name that PostgreSQL gave it: an error would say a number instead of the rule.
-- Planted: alter table core.agents add check (attempt_limit < 1000)
select format('%s of %s', k.conname, coalesce(k.conrelid::regclass::text, k.contypid::regtype::text)) as violation
  from pg_constraint k
 where k.connamespace in ('core'::regnamespace, 'api'::regnamespace) and k.contype = 'c' and k.conname ~ '_check[0-9]*$';
