-- A role of ours can do more than log in: superuser, makes roles or databases, replicates, passes row security, is in a
-- role of PostgreSQL's own, or, as a login, has no limit of connections.  The owner and the groups cannot even log in.
-- Planted: reset role; alter role monitor createdb
select format('%s is or may: %s', r.rolname, concat_ws(', ', case when r.rolsuper then 'superuser' end, case when r.rolcreaterole then 'make roles' end,
         case when r.rolcreatedb then 'make databases' end, case when r.rolreplication then 'replicate' end,
         case when r.rolbypassrls then 'pass row security' end,
         case when r.rolcanlogin and r.rolname in ('mas_owner', 'mas_agent', 'mas_front_end', 'mas_administrator', 'web_user') then 'log in' end,
         case when r.rolcanlogin and r.rolconnlimit < 0 then 'connect without limit' end)) as violation
  from pg_roles r
 where (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls
        or r.rolcanlogin and r.rolname in ('mas_owner', 'mas_agent', 'mas_front_end', 'mas_administrator', 'web_user')
        or r.rolcanlogin and r.rolconnlimit < 0)
   and r.rolname = any (string_to_array(current_setting('lint.roles'), ' '))
union all
select format('%s is a member of %s', m.member::regrole, m.roleid::regrole)
  from pg_auth_members m
 where m.member::regrole::text = any (string_to_array(current_setting('lint.roles'), ' '))
   and (m.roleid::regrole::text ~ '^pg_' and (m.member::regrole::text, m.roleid::regrole::text) <> ('monitor', 'pg_read_all_stats')  -- a person
        or m.roleid = 'mas_owner'::regrole or m.admin_option);
