-- erase_user: all that is a person's or in their words is gone, for good; their number and figures without words stay.
-- Locks: the person's row, so that nothing new of theirs comes in; their designs' rows, the designs' tasks' and candidates';
-- last the contents of their files.  Whoever works for them is fenced by the end of the task (PB001).
-- Returns how much was erased, by kind; null when there is no such person.   Said again it finds nothing.
create or replace function core.erase_user(p_user_id bigint)
returns jsonb language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
declare
  v_designs bigint[];
  v_cancelled int := 0;
  v_erasure bigint;
  v_erased jsonb;
  v_design bigint;
begin
  perform from core.users u where u.user_id = p_user_id for no key update;
  if not found then
    return null;
  end if;
  perform core.lock_designs_of(p_user_id);
  for v_design in select d.state_id from core.design_states d
                   where d.user_id = p_user_id and d.candidate_of is null and d.finished_at is null order by d.state_id
  loop
    perform core.stop_design(v_design);
    v_cancelled := v_cancelled + 1;
  end loop;
  v_designs := array(select d.state_id from core.design_states d where d.user_id = p_user_id);
  insert into core.erasures (user_id, asked_by, account)
  select p_user_id, (core.caller()).role, core.account_hash(u) from core.users u where u.user_id = p_user_id
  returning erasure_id into v_erasure;
  v_erased := jsonb_build_object('user', p_user_id, 'cancelled', v_cancelled)
              || core.erase_examples(v_designs) || core.erase_tasks(v_designs) || core.erase_deliveries(p_user_id, v_designs)
              || core.erase_talk(p_user_id, v_designs) || core.erase_attempts(v_designs) || core.erase_files(p_user_id, v_designs) || core.erase_designs(v_designs);
  -- nobody can guess the new account, so nobody comes in by it
  update core.users u
     set account = format('forgotten-%s-%s', p_user_id, gen_random_uuid()), username = null, discord_id = null,
         forgotten_at = coalesce(u.forgotten_at, core.now())
   where u.user_id = p_user_id;
  update core.erasures e set open = false, erased = v_erased where e.erasure_id = v_erasure;
  return v_erased;
end $$;
revoke all on function core.erase_user(bigint) from public;
comment on function core.erase_user(bigint) is 'Erase all that is a person''s or in their words; figures without words stay.';
