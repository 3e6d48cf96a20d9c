-- forget_board: the rows of an attempt's board, before they are stored anew.
create or replace function core.forget_board(p_script_id bigint)
returns void language plpgsql volatile
set search_path = pg_catalog, pg_temp as $$
begin
  delete from core.board_tracks t where t.script_id = p_script_id;
  delete from core.board_pads p where p.script_id = p_script_id;
  delete from core.board_nets n where n.script_id = p_script_id;
  delete from core.board_footprints f where f.script_id = p_script_id;
end $$;
revoke all on function core.forget_board(bigint) from public;
comment on function core.forget_board(bigint) is 'Remove an attempt''s board rows.';
