-- is_for_us: whether an event is meant for us: a command is; words are that say something, where we talk with this person.
create or replace function core.is_for_us(p_event core.event)
returns boolean language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
declare v_account text;
begin
  if p_event.command not in ('say', 'design') then
    return true;
  elsif p_event.words !~ '\S' and p_event.files = '[]' then
    return p_event.reply_token is not null;
  elsif p_event.command = 'design' or p_event.design is not null or p_event.place is null then
    return true;
  end if;
  select u.account into v_account from core.design_states d join core.users u using (user_id)
   where d.place_id = p_event.place_id and d.candidate_of is null order by d.state_id desc limit 1;
  return coalesce(v_account = p_event.account, p_event.guild is null);  -- in a guild others talk, too
end $$;
revoke all on function core.is_for_us(core.event) from public;
comment on function core.is_for_us(core.event) is 'Whether an event is meant for us.';
