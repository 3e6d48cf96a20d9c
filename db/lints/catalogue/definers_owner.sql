-- A function belongs to somebody else than the owner, whose rights a definer function has.
-- Planted: reset role; create function api.planted() returns int language sql security definer as 'select 1'
select format('%s belongs to %s', p.oid::regprocedure, p.proowner::regrole) as violation
  from pg_proc p
 where p.proowner <> 'mas_owner'::regrole
   and (p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)
        or p.prosecdef and p.pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace));
