-- attachment_list: files that the user sent for a design, as [{name, bytes}]; of several of one name the last.
create or replace function core.attachment_list(p_state_id bigint)
returns jsonb language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('name', a.name, 'bytes', a.bytes) order by a.attachment_id), '[]')
            from (select distinct on (f.name) f.name, f.attachment_id, octet_length(f.content) as bytes
                    from core.attachments f where f.state_id = p_state_id order by f.name, f.attachment_id desc) a);
end $$;
revoke all on function core.attachment_list(bigint) from public;
comment on function core.attachment_list(bigint) is 'Files that the user sent for a design, as [{name, bytes}].';
