-- no_design: the answer to whoever names a design that is not theirs, or has none.
create or replace function core.no_design(p_event core.event)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  return core.answer(p_event, case when p_event.design is null then 'You have no design yet. /design begins one.'
                                   else format('There is no design %s of yours.', p_event.design) end);
end $$;
revoke all on function core.no_design(core.event) from public;
comment on function core.no_design(core.event) is 'Answer that there is no such design.';
