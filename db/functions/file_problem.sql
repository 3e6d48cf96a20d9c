-- file_problem: why a person's file is not taken, in words; null when it is.  What is listed agents read or keep with the
-- design: texts, tables, netlists, KiCad's files, PDF, zip, pictures, firmware.  Nothing of it is run or opened here.
create or replace function core.file_problem(p_name text, p_bytes bigint)
returns text language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select case when p_name is null or p_bytes is null or p_bytes < 0 then 'a file has a name and a size'
              when p_bytes > 8388608 then format('%s has %s MB, 8 are allowed', left(p_name, 100), ceil(p_bytes / 1048576.0))
              when lower(substring(p_name from '\.([^./]*)$')) <> all (array[
                     'txt', 'md', 'markdown', 'log', 'json', 'yaml', 'yml', 'c', 'h', 'ino', 'py',
                     'csv', 'tsv', 'net', 'cir', 'sp', 'kicad_pcb', 'kicad_sch', 'kicad_pro',
                     'pdf', 'zip', 'png', 'jpg', 'jpeg', 'gif', 'webp', 'hex', 'bin'])
                then format('%s is of no kind that is taken; send text, tables, netlists, KiCad files, PDF, zip or pictures', left(p_name, 100))
         end
$$;
revoke all on function core.file_problem(text, bigint) from public;
comment on function core.file_problem(text, bigint) is 'Why a person''s file is not taken; null when it is.';
