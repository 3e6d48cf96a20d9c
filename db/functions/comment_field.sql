-- comment_field: what a comment on a function or a view says after a field's name; with a null name what stands before the first field.
create or replace function core.comment_field(p_comment text, p_field text)
returns text language sql immutable
set search_path = pg_catalog, pg_temp as $$
  select case when p_field is null then (regexp_match(p_comment || e'\nExample:', '^(.*?)\n(?:p_\w+|Returns|Locks|Raises|Example):'))[1]
              else (regexp_match(p_comment, format('(?n)^%s:\s*(.*)$', p_field)))[1] end
$$;
revoke all on function core.comment_field(text, text) from public;
comment on function core.comment_field(text, text) is 'A field of a comment on a function or a view.';
