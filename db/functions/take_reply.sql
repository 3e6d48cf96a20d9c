-- take_reply: what client_manager said, and the requirement as it now stands.   Raises: PB007.
create or replace function core.take_reply(p_state_id bigint, p_result jsonb)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  if coalesce(p_result ->> 'reply', '') = '' then
    raise exception 'client_manager must reply' using errcode = 'PB007';
  elsif p_result ->> 'outcome' = 'approved' and jsonb_typeof(p_result -> 'requirement' -> 'measures') is distinct from 'array' then
    raise exception 'an approved requirement must carry measures' using errcode = 'PB007';
  end if;
  update core.design_states d
     set requirement = nullif(p_result -> 'requirement', 'null'::jsonb),
         state_description = coalesce(left(p_result ->> 'title', 200), d.state_description)
   where d.state_id = p_state_id;
  perform core.say(p_state_id, 'client_manager', p_result ->> 'reply');
end $$;
revoke all on function core.take_reply(bigint, jsonb) from public;
comment on function core.take_reply(bigint, jsonb) is 'Store client_manager''s reply and the requirement.';
