create or replace function api.find_footprints(p_words text, p_limit int default 10)
returns table (footprint text, description text, tags text, pads int) language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  v_words constant text := left(p_words, 200);
  v_queries constant tsquery[] := core.search_queries(v_words);
begin
  return query
    select s.footprint, s.description, s.tags, s.pads from core.library_footprints s
     where s.search @@ core.any_query(v_queries) or s.footprint operator(trgm.%>) v_words
     order by core.count_hits(s.search, v_queries) desc, trgm.word_similarity(v_words, s.footprint) desc, length(s.footprint), s.footprint
     limit least(p_limit, 100);
end $$;
revoke all on function api.find_footprints(text, int) from public;
comment on function api.find_footprints(text, int) is $$KiCad's footprints for some words, best first: those with most of the words, a name before a description; names are found misspelt, too.
p_words: what it is, in which package, with which value; at most 200 characters and sixteen words count.
p_limit: at most so many, and a hundred.
Raises: nothing
Example:
kicad=> select store_library('footprints', '9', '[{"footprint": "Resistor_SMD:R_0805_2012Metric", "pads": 2}, {"footprint": "Package_TO_SOT_SMD:SOT-223-3_TabPin2", "pads": 4}]', true, true);
2
pcb_designer=> select footprint, pads from find_footprints('SOT223');
Package_TO_SOT_SMD:SOT-223-3_TabPin2 | 4$$;
