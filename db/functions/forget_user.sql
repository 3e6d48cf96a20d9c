create or replace function api.forget_user(p_front_end name, p_account text)
returns jsonb language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
  return core.erase_user((select u.user_id from core.users u where u.front_end = p_front_end and u.account = p_account));
end $$;
revoke all on function api.forget_user(name, text) from public;
comment on function api.forget_user(name, text) is $$Delete a person's data on their request, for good: unfinished designs are cancelled, then all that is theirs or in their words is erased. Their number, the moves of their designs and what models cost stay, so that the history replays and the books add up. Whoever comes back by the same account is somebody new.
p_front_end: the front end through which the person came.
p_account: their account there.
Returns: how much was erased, by kind; null when nobody is known by that account.
Locks: the person's row, their designs', the designs' tasks', then the contents of their files.
Raises: nothing
Example:
terminal=> select receive_message('anna', 'Anna', 'a blinker', 'k1');
1
admin=> select x ->> 'designs', x ->> 'cancelled', x ->> 'messages' from forget_user('terminal', 'anna') x;
1 | 1 | 2
admin=> select state, agrees from replay_design(1);
cancelled | t
admin=> select forget_user('terminal', 'anna') is null;
t
terminal=> select design_status(1);
PB006: there is no design 1 of yours$$;
