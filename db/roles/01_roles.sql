-- Roles.  mas_owner owns everything and cannot log in; every agent, front end and person has a login of its own.
-- Passwords are no part of this: `./mas deploy` sets them from files.
-- Roles belong to the whole cluster: what is right already is left alone, or two databases that are deployed at once
-- would write the same row ("tuple concurrently updated").
do $$
declare
  v_role text;
  v_roles constant text[] := array['client_manager', 'pcb_designer', 'kicad', 'pcb_tester', 'terminal', 'discord_bot', 'admin', 'monitor'];
begin
  if not exists (select from pg_roles where rolname = 'mas_owner') then
    create role mas_owner nologin nosuperuser nocreatedb nocreaterole nobypassrls;
  end if;
  foreach v_role in array v_roles loop
    if not exists (select from pg_roles where rolname = v_role) then
      execute format('create role %I login nosuperuser nocreatedb nocreaterole nobypassrls connection limit 30', v_role);
    end if;
    if not exists (select from pg_db_role_setting s where s.setrole = v_role::regrole and s.setdatabase = 0 and 'search_path=api' = any (s.setconfig)) then
      execute format('alter role %I set search_path = api', v_role);
    end if;
  end loop;
  if not exists (select from pg_auth_members m where m.roleid = 'mas_owner'::regrole and m.member = current_user::regrole and m.set_option) then
    execute format('grant mas_owner to %I with inherit false, set true', current_user);
  end if;
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to client_manager, pcb_designer, kicad, pcb_tester, terminal, discord_bot, admin, monitor', current_database());
  execute format('grant connect, create on database %I to mas_owner', current_database());
end $$;
revoke create on schema public from public;
alter default privileges for role mas_owner revoke execute on functions from public;  -- only the form without IN SCHEMA works
