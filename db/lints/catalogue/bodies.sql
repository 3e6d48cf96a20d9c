-- A function of a role's is not in a language that is checked, or its body is PostgreSQL's own C.
-- Planted: create function api.planted() returns int language sql begin atomic select 1; end
select p.oid::regprocedure::text as violation
  from pg_proc p join pg_language l on l.oid = p.prolang
 where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace) and (l.lanname not in ('sql', 'plpgsql') or p.prosqlbody is not null);  -- pgspot cannot read BEGIN ATOMIC
