-- delivery_content: what a delivery is to say now.  What can change until it is claimed is not stored in it.
create or replace function core.delivery_content(p_row core.outbox, p_place text)
returns jsonb language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return case p_row.kind
    when 'status' then core.status_content(p_row.state_id)
    when 'result' then p_row.content || core.result_content(p_row.state_id)
    when 'thread' then p_row.content || jsonb_build_object('source', p_place)
    when 'files'  then jsonb_build_object('names', core.file_names(p_row.state_id)) || p_row.content
                       || (select jsonb_build_object('stem', coalesce(nullif(trim('-' from left(trim('-' from
                                    regexp_replace(lower(d.state_description), '[^a-z0-9]+', '-', 'g')), 40)), ''), 'board'))
                             from core.design_states d where d.state_id = p_row.state_id)
    when 'reply'  then case when p_place is null then p_row.content
                            else jsonb_set(p_row.content, '{text}', to_jsonb(replace(p_row.content ->> 'text', '<#>', format('<#%s>', p_place)))) end
    else p_row.content end - 'after';
end $$;
revoke all on function core.delivery_content(core.outbox, text) from public;
comment on function core.delivery_content(core.outbox, text) is 'What a delivery is to say now.';
