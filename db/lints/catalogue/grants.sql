-- A role may call what the committed list (db/lints/grants.py) does not give it, or may not call what it gives.
-- Rights that come with a group count as the group's.  A caller of this query sets lint.may_call: {"function": ["role", …]}.
-- Planted: grant execute on function api.help(text) to gateway; grant execute on function core.maintain() to monitor
with committed as (
  select m.key as name, r.role
    from jsonb_each(current_setting('lint.may_call')::jsonb) m, jsonb_array_elements_text(m.value) r (role)
), granted as (
  select case p.pronamespace when 'api'::regnamespace then '' else p.pronamespace::regnamespace || '.' end || p.proname as name,
         case a.grantee when 0 then 'public' else a.grantee::regrole::text end as role
    from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
   where p.pronamespace in ('core'::regnamespace, 'api'::regnamespace) and a.grantee <> p.proowner
   union
  select case c.relnamespace when 'api'::regnamespace then '' else 'core.' end || c.relname,
         case a.grantee when 0 then 'public' else a.grantee::regrole::text end
    from pg_class c, aclexplode(c.relacl) a
   where c.relnamespace in ('core'::regnamespace, 'api'::regnamespace) and a.grantee <> c.relowner and a.privilege_type = 'SELECT'
)
select format('%s may use %s, which no list gives it', g.role, g.name) as violation from (table granted except table committed) g (name, role)
union all
select format('%s may not use %s, which the list gives it', c.role, c.name) from (table committed except table granted) c (name, role)
union all
select format('%s may not even see %s: it belongs to no role of the list', p.oid::regprocedure, p.pronamespace::regnamespace)
  from pg_proc p
 where p.pronamespace = 'api'::regnamespace and not current_setting('lint.may_call')::jsonb ? p.proname;
