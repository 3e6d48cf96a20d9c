-- erase_examples: what was shared from these designs, or exported from here and imported again; known by its hash, so it
-- comes before their words are gone.   Returns {examples}.
create or replace function core.erase_examples(p_designs bigint[])
returns jsonb language sql volatile
set search_path = pg_catalog, pg_temp as $$
  with hashes as materialized (
    select core.example_hash(core.first_words(d.state_id), d.requirement, s.script_content, d.state) as hash
      from core.design_states d left join core.design_scripts s on s.script_id = core.best_script_id(d.state_id)
     where d.state_id = any (p_designs) and d.candidate_of is null
  ), gone as (
    delete from core.examples e where e.shared_from = any (p_designs) or e.content_hash in (select h.hash from hashes h) returning 1
  )
  select jsonb_build_object('examples', (select count(*) from gone))
$$;
revoke all on function core.erase_examples(bigint[]) from public;
comment on function core.erase_examples(bigint[]) is 'Erase the examples that came from these designs.';
