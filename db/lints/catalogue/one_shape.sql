-- A function has two shapes: a call with untyped arguments may fit both, and an old release's fits the wrong one.
-- Planted: create function api.help(int) returns int language sql as 'select 1'
select p.oid::regprocedure::text as violation
  from pg_proc p
 where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)
   and exists (select from pg_proc o where o.pronamespace = p.pronamespace and o.proname = p.proname and o.oid <> p.oid);
