-- count_attached: how many files were attached for an event.
create or replace function core.count_attached(p_event core.event)
returns int language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return (select count(*) from core.attachments a where a.user_id = p_event.user_id and a.message_key = p_event.key);
end $$;
revoke all on function core.count_attached(core.event) from public;
comment on function core.count_attached(core.event) is 'How many files were attached for an event.';
