-- What the owner makes a moment from now is somebody else's: the owner's default privileges must take EXECUTE from
-- PUBLIC for the whole database (said for one schema it does nothing), and give nobody anything.
-- Planted: alter default privileges grant execute on functions to public
select 'PUBLIC may execute what the owner makes from now on' as violation
 where not exists (select from pg_default_acl d where d.defaclrole = 'mas_owner'::regrole and d.defaclobjtype = 'f' and d.defaclnamespace = 0)
union all
select format('%s gets %s on what the owner makes from now on', case a.grantee when 0 then 'PUBLIC' else a.grantee::regrole::text end, a.privilege_type)
  from pg_default_acl d, aclexplode(d.defaclacl) a
 where d.defaclrole = 'mas_owner'::regrole and a.grantee <> d.defaclrole;
