-- A function is marked immutable or stable and writes, locks, rings, or asks the clock or a sequence.
-- Planted: create function core.planted() returns bigint language plpgsql stable as 'begin return nextval(''x''); end'
select p.oid::regprocedure::text as violation
  from pg_proc p
 where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace) and p.provolatile <> 'v' and p.proname <> 'caller'
   and (p.prosrc ~* '\m(insert\s+into|update\s+core|delete\s+from|truncate|pg_notify|nextval|setval|for\s+(no\s+key\s+)?update|set_config|pg_(try_)?advisory_\w+)\M'
        or p.provolatile = 'i' and p.prosrc ~* '\m(core\.now|clock_timestamp|now|current_setting|session_user|from\s+core\.\w+\M(?!\())\M');
