-- missing_files: which announced files were not attached, and why, in words; null when all were.
create or replace function core.missing_files(p_event core.event)
returns text language plpgsql stable
set search_path = pg_catalog, pg_temp as $$
begin
  return (select 'Not taken: ' || string_agg(coalesce(core.file_problem(f ->> 'name', (f ->> 'bytes')::bigint),
                                                      format('%s did not arrive; send it again', left(f ->> 'name', 100))), '; ' order by n)
            from jsonb_array_elements(p_event.files) with ordinality x (f, n)
           where not exists (select from core.attachments a
                              where a.user_id = p_event.user_id and a.message_key = p_event.key and a.name = f ->> 'name'));
end $$;
revoke all on function core.missing_files(core.event) from public;
comment on function core.missing_files(core.event) is 'Which announced files were not attached, and why.';
