-- erase_designs: title, requirement and what else the designs' own rows say in words.   Returns {designs,
-- recent: those of the last day}, candidates apart.
create or replace function core.erase_designs(p_designs bigint[])
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  update core.design_states d
     set state_description = null, requirement = null, progress = null, error = null, proposed_after = null
   where d.state_id = any (p_designs);
  return (select jsonb_build_object('designs', count(*), 'recent', count(*) filter (where d.created_at > core.now() - interval '1 day'))
            from core.design_states d where d.state_id = any (p_designs) and d.candidate_of is null);
end $$;
revoke all on function core.erase_designs(bigint[]) from public;
comment on function core.erase_designs(bigint[]) is 'Erase what designs'' own rows say in words.';
