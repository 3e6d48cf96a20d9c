-- Roles.  mas_owner owns everything and cannot log in; every agent, front end and person has a login of its own, and so has
-- scaler, which only counts for whoever starts and ends processes.
-- What a login may do it has from its group: mas_agent, mas_front_end; mas_administrator is whoever deploys and makes
-- logins; web_user is what the gateway becomes for a person.  Passwords are no part of this: `./mas deploy` sets them
-- from files.
-- Roles belong to the whole cluster: what is right already is left alone, or two databases that are deployed at once
-- would write the same row ("tuple concurrently updated").
do $$
declare
  v_row record;
begin
  for v_row in
    select unnest(array['mas_owner', 'mas_agent', 'mas_front_end', 'mas_administrator', 'web_user']) as name
  loop
    if not exists (select from pg_roles where rolname = v_row.name) then
      execute format('create role %I nologin nosuperuser nocreatedb nocreaterole nobypassrls', v_row.name);
    end if;
  end loop;
  for v_row in
    select unnest(l.names) as name, l.group_name, l.inherit, l.connections
      from (values (array['client_manager', 'pcb_designer', 'kicad', 'pcb_tester'], 'mas_agent', true, 30),
                   (array['terminal', 'discord_bot'], 'mas_front_end', true, 30),
                   (array['gateway'], 'web_user', false, 30),  -- becomes web_user by SET ROLE, transaction by transaction
                   (array['admin', 'monitor'], null, false, 30),
                   (array['scaler'], null, false, 10)) l (names, group_name, inherit, connections)
  loop
    if not exists (select from pg_roles where rolname = v_row.name) then
      execute format('create role %I login noinherit nosuperuser nocreatedb nocreaterole nobypassrls connection limit %s', v_row.name, v_row.connections);
    end if;
    if exists (select from pg_roles r where r.rolname = v_row.name and r.rolinherit) then
      execute format('alter role %I noinherit', v_row.name);  -- the first release made them otherwise
    end if;
    if v_row.group_name is not null and not exists (
        select from pg_auth_members m where m.roleid = v_row.group_name::regrole and m.member = v_row.name::regrole
           and m.inherit_option = v_row.inherit and m.set_option = not v_row.inherit) then
      execute format(case when v_row.inherit then 'grant %I to %I with inherit true, set false' else 'grant %I to %I with inherit false, set true' end,
                     v_row.group_name, v_row.name);
    end if;
    if not exists (select from pg_db_role_setting s where s.setrole = v_row.name::regrole and s.setdatabase = 0 and 'search_path=api' = any (s.setconfig)) then
      execute format('alter role %I set search_path = api', v_row.name);
    end if;
    -- a server with LLVM would compile the plans of the claim anew each time: they are short, and only look dear
    -- because enable_seqscan is off in them
    if not exists (select from pg_db_role_setting s where s.setrole = v_row.name::regrole and s.setdatabase = 0 and 'jit=off' = any (s.setconfig)) then
      execute format('alter role %I set jit = off', v_row.name);
    end if;
  end loop;
  if not exists (select from pg_auth_members m where m.roleid = 'mas_owner'::regrole and m.member = current_user::regrole and m.set_option and not m.inherit_option) then
    execute format('grant mas_owner to %I with inherit false, set true', current_user);
  end if;
  if not pg_has_role(current_user, 'mas_administrator', 'usage') then
    execute format('grant mas_administrator to %I with inherit true, set false', current_user);
  end if;
  -- the first release granted to each login by name
  execute format('revoke all on database %I from public, client_manager, pcb_designer, kicad, pcb_tester, terminal, discord_bot', current_database());
  execute format('grant connect on database %I to mas_agent, mas_front_end, gateway, admin, monitor, scaler', current_database());
  execute format('grant connect, create on database %I to mas_owner', current_database());
end $$;
revoke create on schema public from public;
set local role mas_owner;  -- who is no superuser changes default privileges for themselves only
alter default privileges revoke execute on functions from public;  -- only the form without IN SCHEMA works
set local role none;
