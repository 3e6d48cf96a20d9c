-- What must not be cannot be stored: who sees which row, and which changes are refused.
-- These functions belong to tables (policies and triggers hang on them), so they travel with the schema.

-- caller: who is calling.  An agent is its session_user.  Behind the API gateway session_user is the gateway, and
-- only then do the role and the user that the gateway set for the transaction count.
-- Every name in it is qualified and it has no setting of its own, so that a call of it is inlined and costs nothing; a row
-- on the outside, so that of (core.caller()).role only the role is left.
create type core.caller as (role name, user_id bigint);
comment on type core.caller is 'Who is calling: role, and the user when the gateway vouches for one.';

create function core.caller() returns core.caller language sql stable as $$
  select row(case when session_user operator(pg_catalog.=) 'gateway' then pg_catalog.current_setting('role')::pg_catalog.name else session_user end,
             case when session_user operator(pg_catalog.=) 'gateway' and pg_catalog.current_setting('mas.user_id', true) operator(pg_catalog.<>) ''
                  then pg_catalog.current_setting('mas.user_id', true)::bigint end)::core.caller
$$;
comment on function core.caller() is 'Who is calling, answered in this one place.';

-- sees_every_user: whether every row is the caller's to see.  Asked once a statement; the rows are looked at only without.
-- In PL/pgSQL, as sees_user is: a function in SQL that is not inlined is planned anew in every statement.
create function core.sees_every_user() returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare v_caller constant core.caller := core.caller();
begin
  return v_caller.user_id is null
         and (v_caller.role in ('admin', 'monitor')
              or exists (select from core.agents a where a.name = v_caller.role and not a.front_end));
end $$;
comment on function core.sees_every_user() is 'Agents, admin and monitor see the rows of every user.';

-- sees_user: whether the caller may see what belongs to a user.  Definer, because a view's reader runs the policies.
create function core.sees_user(p_front_end name, p_user_id bigint) returns boolean language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare v_caller constant core.caller := core.caller();
begin
  return case v_caller.role
    when 'web_user' then p_front_end = 'web_user' and coalesce(v_caller.user_id = p_user_id, false)
    when 'none' then p_front_end = 'web_user'  -- the gateway's login itself, which may call begin_request alone: it looks for whom
    else core.sees_every_user()
         or p_front_end = v_caller.role and exists (select from core.agents a where a.name = v_caller.role and a.front_end) end;
end $$;
comment on function core.sees_user(name, bigint) is
  'Agents, admin and monitor see every user; a front end those it brought; a user behind the gateway themselves.';

alter table core.users enable row level security;
alter table core.users force row level security;
-- Whoever was forgotten is seen by no front end any more, but by the one that forgets them while it does.
create policy users_of_the_caller on core.users
  using ((select core.sees_every_user())
         or (forgotten_at is null or exists (select from core.erasures e where e.open)) and core.sees_user(front_end, user_id));

alter table core.design_states enable row level security;
alter table core.design_states force row level security;
create policy designs_of_the_caller on core.design_states
  using ((select core.sees_every_user())
         or exists (select from core.users u where u.user_id = design_states.user_id)); -- users filters by caller

do $$
declare v_table text;
begin
  -- each row belongs to a design, and design_states filters by caller
  foreach v_table in array array['design_scripts', 'resolved_designs', 'chat_messages', 'design_events', 'artifacts', 'model_calls'] loop
    execute format('alter table core.%I enable row level security', v_table);
    execute format('alter table core.%I force row level security', v_table);
    execute format('create policy rows_of_the_callers_designs on core.%I
      using ((select core.sees_every_user()) or exists (select from core.design_states d where d.state_id = %1$I.state_id))', v_table);
  end loop;
  foreach v_table in array array['error_reports', 'board_footprints', 'board_nets', 'board_pads', 'board_tracks'] loop
    execute format('alter table core.%I enable row level security', v_table);
    execute format('alter table core.%I force row level security', v_table);
    execute format('create policy rows_of_the_callers_designs on core.%I
      using ((select core.sees_every_user()) or exists (select from core.design_scripts s where s.script_id = %1$I.script_id))', v_table);
  end loop;
end $$;

-- Whoever erases one person's files must see who else has the same content, also another front end's users.
create policy files_while_erasing on core.artifacts for select using (exists (select from core.erasures e where e.open));

alter table core.model_exchanges enable row level security;
alter table core.model_exchanges force row level security;
create policy texts_of_the_callers_calls on core.model_exchanges
  using ((select core.sees_every_user())
         or exists (select from core.model_calls c where c.call_id = model_exchanges.call_id)); -- model_calls filters by caller

alter table core.attachments enable row level security;
alter table core.attachments force row level security;
create policy files_of_the_callers_users on core.attachments
  using ((select core.sees_every_user())
         or exists (select from core.users u where u.user_id = attachments.user_id)); -- users filters by caller

create function core.keep_updated_at() returns trigger language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  new.updated_at := core.now();
  return new;
end $$;
comment on function core.keep_updated_at() is 'Trigger: updated_at is the time of the last change.';
create trigger keep_updated_at before update on core.design_states
  for each row execute function core.keep_updated_at();

create function core.refuse_illegal_move() returns trigger language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  if not exists (select from core.transitions t where t.from_state = old.state and t.to_state = new.state) then
    raise exception 'design % cannot go from % to %', old.state_id, old.state, new.state using errcode = 'PB005';
  end if;
  return new;
end $$;
comment on function core.refuse_illegal_move() is 'Trigger: only moves that core.transitions lists; a final state is never left.';
create trigger refuse_illegal_move before update of state on core.design_states
  for each row when (old.state is distinct from new.state) execute function core.refuse_illegal_move();

create function core.refuse_rewriting() returns trigger language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'PB005';
end $$;
comment on function core.refuse_rewriting() is 'Trigger: what has happened is neither changed nor deleted.';
create trigger refuse_rewriting before update or delete or truncate on core.design_events
  for each statement execute function core.refuse_rewriting();
