-- pages: a text in pieces of at most so many characters, cut at the end of a line, else at a space, else anywhere; a piece of
-- nothing but spaces is left out.   p_length null: one piece.
create or replace function core.pages(p_text text, p_length int)
returns setof text language plpgsql immutable
set search_path = pg_catalog, pg_temp as $$
declare
  v_rest text := p_text;
  v_page text;
begin
  while length(v_rest) > p_length loop
    v_page := left(v_rest, p_length + 1);
    v_page := coalesce(substring(v_page from '^(.*\S.*)\n'), substring(v_page from '^(.*\S)\s'), left(v_rest, p_length));
    v_rest := regexp_replace(substr(v_rest, length(v_page) + 1), '^\s*\n|^ +', '');
    if v_page ~ '\S' then
      return next v_page;
    end if;
  end loop;
  if v_rest ~ '\S' then
    return next v_rest;
  end if;
end $$;
revoke all on function core.pages(text, int) from public;
comment on function core.pages(text, int) is 'A text in pieces that a front end can send.';
