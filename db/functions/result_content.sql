-- result_content: how a design came out, as people are shown it: its checks, and the name of its picture if there is one.
create or replace function core.result_content(p_state_id bigint)
returns jsonb language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return (select jsonb_build_object(
            'title', coalesce(d.state_description, 'board'), 'passed', d.state = 'resolved',
            'checks', coalesce((select s.checks from core.design_scripts s where s.script_id = core.best_script_id(p_state_id)), '[]'),
            'picture', (select n.name from jsonb_array_elements_text(core.file_names(p_state_id)) n (name) where n.name ~ '\.png$'
                         order by array_position(array['board.png', 'top.png'], n.name) nulls last, n.name limit 1))
            from core.design_states d where d.state_id = p_state_id);
end $$;
revoke all on function core.result_content(bigint) from public;
comment on function core.result_content(bigint) is 'How a design came out: checks and picture.';
