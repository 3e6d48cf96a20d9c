-- PUBLIC may execute a function of ours.
-- Planted: grant execute on function core.now() to public
select p.oid::regprocedure::text as violation
  from pg_proc p
 where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace) and has_function_privilege('public', p.oid, 'execute');
