-- A body holds what looks like a password, a token or a key: any login can read it in pg_proc.
-- Planted: create function core.planted() returns text language sql as 'select ''postgresql://admin:hunter2@host/db'''
select p.oid::regprocedure::text as violation
  from pg_proc p
 where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace)
   and p.prosrc ~* '(password|secret|token|api_?key)\s*(:?=|=>)\s*''[^'']|://[^/ '']+:[^/ '']+@|\mhf_[a-z0-9]{16}|\msk-[a-z0-9]{16}|-----BEGIN';
