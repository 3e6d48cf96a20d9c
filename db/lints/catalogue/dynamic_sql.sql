-- A function puts text into SQL otherwise than by %I, %L or USING.  %s is for numbers, whose type is written there.
-- Planted: create function core.planted() returns void language plpgsql as 'begin execute format(''select %s'', 1); end'
select p.oid::regprocedure::text as violation
  from pg_proc p
 where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)
   and p.prosrc ~* '\mexecute\s+(?!function|format\()|\mexecute\s+format\(''(?![^'']*limit %s'', [a-z_., ]+::int)[^'']*%s|\mexecute\s+format\([^'']';
