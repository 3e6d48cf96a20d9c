-- A function does not pin its search_path: a caller's own operators could be found before ours.
-- Those named below are inlined for speed, run with the caller's rights, and qualify every name instead.
-- Planted: create function api.planted() returns int language sql stable security definer as 'select 1'
select p.oid::regprocedure::text as violation
  from pg_proc p
 where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)
   and not coalesce('search_path=pg_catalog, pg_temp' = any (p.proconfig), false)
   and (p.prosecdef or p.oid::regproc::text not in ('core.now', 'core.caller', 'core.look_is_due', 'core.all_awake'));
