create or replace function api.find_symbols(p_words text, p_limit int default 10)
returns table (symbol text, description text, keywords text, footprint text, footprint_filters text, pins int) language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  v_words constant text := left(p_words, 200);
  v_queries constant tsquery[] := core.search_queries(v_words);
begin
  return query
    select s.symbol, s.description, s.keywords, s.footprint, s.footprint_filters, s.pins from core.library_symbols s
     where s.search @@ core.any_query(v_queries) or s.symbol operator(trgm.%>) v_words
     order by core.count_hits(s.search, v_queries) desc, trgm.word_similarity(v_words, s.symbol) desc, length(s.symbol), s.symbol
     limit least(p_limit, 100);
end $$;
revoke all on function api.find_symbols(text, int) from public;
comment on function api.find_symbols(text, int) is $$KiCad's symbols for some words, best first: those with most of the words, a name before a description; names are found misspelt, too.
p_words: what it is, in which package, with which value; at most 200 characters and sixteen words count.
p_limit: at most so many, and a hundred.
Raises: nothing
Example:
kicad=> select store_library('symbols', '9', '[{"symbol": "Device:R", "description": "Resistor", "pins": 2}, {"symbol": "Device:C", "description": "Unpolarized capacitor", "pins": 2}]', true, true);
2
pcb_designer=> select symbol, pins from find_symbols('capacitor');
Device:C | 2$$;
