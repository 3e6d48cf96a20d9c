-- passed_designs: what passed and a user may learn from: the last 200 designs of theirs, and the 50 examples that have most of
-- the words.  What is another user's is not there: agents see every row, so it is asked for by its user.
create or replace function core.passed_designs(p_user_id bigint, p_vector tsvector)
returns table (title text, brief text, requirement jsonb, script text, attempts smallint, source text, search tsvector)
language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return query
    select o.*, core.design_vector(o.title, o.brief, o.requirement) from (
      select d.state_description as title, core.first_words(coalesce(d.forked_from, d.state_id)) as brief, d.requirement, s.script_content, d.attempt,
             format('design %s of the same user', d.state_id)
        from core.resolved_designs r join core.design_states d using (state_id) join core.design_scripts s using (script_id)
       where r.user_id = p_user_id and d.user_id = p_user_id order by d.state_id desc limit 200) o
    union all
    (select e.title, e.brief, e.requirement, e.script, e.attempts, coalesce(e.source, 'example'), e.search from core.examples e
      where e.outcome = 'resolved' and e.script <> '' and e.search @@ core.any_word_of(p_vector)
      order by ts_rank(e.search, core.any_word_of(p_vector)) desc limit 50);
end $$;
revoke all on function core.passed_designs(bigint, tsvector) from public;
comment on function core.passed_designs(bigint, tsvector) is 'Passed designs that a user may learn from.';
