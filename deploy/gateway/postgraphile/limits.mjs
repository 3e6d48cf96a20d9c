// A rule of validation: what a query may ask of us, whatever it asks for.
import { GraphQLError, Kind } from "postgraphile/graphql";

const DEEPEST = 8; // a connection's nodes are at the fourth level
const MOST_FIELDS = 200; // fragments counted wherever they are spread
const MOST_ROOTS = 10; // each root field is a call of its own

export function boundedQueries(context) {
  return {
    OperationDefinition(operation) {
      const seen = { fields: 0 };
      const roots = count(context, operation.selectionSet, 1, [], seen);
      if (seen.fault) context.reportError(new GraphQLError(seen.fault, { nodes: operation }));
      else if (roots > MOST_ROOTS) {
        context.reportError(new GraphQLError(`a request has at most ${MOST_ROOTS} root fields`, { nodes: operation }));
      }
    },
  };
}

// The number of fields at this level; stops at the first fault, so that it looks at no more than is allowed.
function count(context, set, depth, inside, seen) {
  let here = 0;
  for (const selection of set?.selections ?? []) {
    if (seen.fault) return here;
    if (selection.kind === Kind.FIELD) {
      here += 1;
      if (++seen.fields > MOST_FIELDS) seen.fault = `a query has at most ${MOST_FIELDS} fields`;
      else if (depth > DEEPEST) seen.fault = `a query is at most ${DEEPEST} levels deep`;
      else count(context, selection.selectionSet, depth + 1, inside, seen);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      if (++seen.fields > MOST_FIELDS) seen.fault = `a query has at most ${MOST_FIELDS} fields`;
      else here += count(context, selection.selectionSet, depth, inside, seen);
    } else {
      const name = selection.name.value;
      if (inside.includes(name)) continue; // a circle, which another rule refuses
      if (++seen.fields > MOST_FIELDS) seen.fault = `a query has at most ${MOST_FIELDS} fields`;
      else here += count(context, context.getFragment(name)?.selectionSet, depth, [...inside, name], seen);
    }
  }
  return here;
}
