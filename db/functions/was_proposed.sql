-- was_proposed: whether the stored requirement was shown to the user as a proposal and they have spoken since.
create or replace function core.was_proposed(p_design core.design_states)
returns boolean language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return p_design.requirement is not null and coalesce(core.last_message_id(p_design.state_id) > p_design.proposed_after, false);
end $$;
revoke all on function core.was_proposed(core.design_states) from public;
comment on function core.was_proposed(core.design_states) is 'Whether the user has answered a proposal of the stored requirement.';
