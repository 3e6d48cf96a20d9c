-- my_front_end: how the calling front end carries talk; one that is new gets the defaults.
create or replace function core.my_front_end()
returns core.front_ends language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_me constant name := (core.caller()).role;
  v_row core.front_ends;
begin
  select f.* into v_row from core.front_ends f where f.name = v_me;
  if not found then
    insert into core.front_ends as f (name) values (v_me) on conflict (name) do update set name = excluded.name returning f.* into v_row;
  end if;
  return v_row;
end $$;
revoke all on function core.my_front_end() from public;
comment on function core.my_front_end() is 'How the calling front end carries talk.';
