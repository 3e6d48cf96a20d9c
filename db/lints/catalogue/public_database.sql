-- PUBLIC may connect to the database or make temporary tables in it.
-- Planted: reset role; do $$ begin execute format('grant temporary on database %I to public', current_database()); end $$
select format('PUBLIC has %s on the database', r.privilege) as violation
  from (values ('CONNECT'), ('TEMPORARY'), ('CREATE')) r (privilege)
 where has_database_privilege('public', current_database(), r.privilege);
