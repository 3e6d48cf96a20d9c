-- do_command: what the command of an event does.   Returns its outcome.
create or replace function core.do_command(p_event core.event)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  return case p_event.command
    when 'say'     then core.take_words(p_event)
    when 'design'  then core.take_words(p_event)
    when 'change'  then core.take_words(p_event)
    when 'approve' then core.approve(p_event)
    when 'cancel'  then core.cancel_by_user(p_event)
    when 'retry'   then core.retry_by_user(p_event)
    when 'files'   then core.hand_out(p_event)
    when 'status'  then core.tell_status(p_event)
    when 'mine'    then core.tell_designs(p_event)
    when 'forget'  then core.forget_by_user(p_event)
    else core.answer(p_event, core.help_text()) end;
end $$;
revoke all on function core.do_command(core.event) from public;
comment on function core.do_command(core.event) is 'Do what a command asks for.';
