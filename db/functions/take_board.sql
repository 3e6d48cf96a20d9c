-- take_board: kicad's figures of the board, or its report of errors.   Raises: PB007.
create or replace function core.take_board(p_agent name, p_script_id bigint, p_result jsonb)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  if p_result ->> 'outcome' = 'rejected' then
    perform core.report_errors(p_agent, p_script_id, p_result);
  elsif not exists (select from core.board_footprints f where f.script_id = p_script_id) then
    raise exception 'a built board must be stored first (store_board)' using errcode = 'PB007';
  else
    update core.design_scripts s set summary = p_result -> 'summary' where s.script_id = p_script_id;
  end if;
end $$;
revoke all on function core.take_board(name, bigint, jsonb) from public;
comment on function core.take_board(name, bigint, jsonb) is 'Store kicad''s result.';
