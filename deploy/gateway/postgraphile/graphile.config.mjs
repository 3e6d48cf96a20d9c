// GraphQL over the same schema, role and tokens as our own gateway, for those who prefer it.
//   npm ci --ignore-scripts && npm start        (Node.js 22 or newer; NODE_ENV=production)
// DATABASE_URL, MAS_SECRETS_DIR, MAS_JWT_KEY_FILE, MAS_JWT_AUDIENCE are those of `python -m clients.gateway`;
// MAS_GRAPHQL_HOST and MAS_GRAPHQL_PORT are where it listens.  MAS_GRAPHQL_EXPLORE=1, on a developer's machine
// alone, opens introspection and the explorer at /.
import { readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { parse } from "pg-connection-string";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";
import { makeJSONPgSmartTagsPlugin } from "postgraphile/utils";
import { GraphQLError, NoSchemaIntrospectionCustomRule } from "postgraphile/graphql";
import { boundedQueries } from "./limits.mjs";
import { verifier } from "./tokens.mjs";

const env = process.env;
const secrets = env.MAS_SECRETS_DIR ?? "/run/secrets";
const exploring = env.MAS_GRAPHQL_EXPLORE === "1";
const LOGIN = "gateway";
const ROLE = "web_user";
const STATEMENT_MS = 5000;

const pool = new pg.Pool({
  ...parse(env.DATABASE_URL ?? "postgresql:///hardware_mas"),
  user: LOGIN,
  password: readFileSync(path.join(secrets, LOGIN), "utf8").trim(),
  application_name: "hardware_mas graphql",
  statement_timeout: STATEMENT_MS,
  connectionTimeoutMillis: 2000,
  max: Number(env.MAS_GRAPHQL_CONNECTIONS ?? 10),
});
pool.on("error", () => {}); // one that was cut while it was idle: the next request gets another

const verify = verifier(
  readFileSync(env.MAS_JWT_KEY_FILE ?? path.join(secrets, "jwt_key")),
  env.MAS_JWT_AUDIENCE ?? "hardware_mas",
);

// A refusal with its HTTP status; one line of the log, not a stack for each stranger.
function refused(statusCode, message) {
  return Object.assign(new GraphQLError(message), { statusCode, stack: `graphql: ${statusCode} ${message}` });
}

// Who asks, as the settings of the transaction that every request runs in.
async function settingsOf(context) {
  const [, token] = /^Bearer ([\w.-]+)$/i.exec(context.node?.req?.headers?.authorization ?? "") ?? [];
  const person = await verify(token).catch(() => {
    throw refused(401, "there is no valid token");
  });
  const asked = await pool
    .query("select api.begin_request(p_account => $1, p_username => $2) as user_id", [person.account, person.name])
    .catch((error) => {
      throw /^PB/.test(error.code) ? refused(403, error.message) : refused(503, "the database is away");
    });
  return { pgSettings: { role: ROLE, "mas.user_id": String(asked.rows[0].user_id) } };
}

// The database's own refusals keep their code and words; of everything else nobody learns more than that it failed.
function masked(error) {
  const { originalError, nodes, source, positions, path } = error;
  const code = originalError?.code;
  if (!originalError || originalError instanceof GraphQLError) return error;
  const known = /^PB\d{3}$/.test(code) ? originalError.message : { 57014: "this took too long", 42501: "this is not yours to use" }[code];
  if (!known) console.error(`graphql: ${code ?? originalError.name}`);
  return new GraphQLError(known ?? "this failed", { nodes, source, positions, path, extensions: { code: known ? code : "GQ500" } });
}

const RulesPlugin = {
  name: "RulesPlugin",
  version: "1.0.0",
  grafserv: {
    middleware: {
      setPreset(next, event) {
        event.validationRules.push(boundedQueries);
        if (!exploring) event.validationRules.push(NoSchemaIntrospectionCustomRule);
        return next();
      },
    },
  },
};

// Only for PostgREST, which calls it itself.
const HiddenPlugin = makeJSONPgSmartTagsPlugin({
  version: 1,
  config: { procedure: { "api.pre_request": { tags: { behavior: "-*" } } } },
});

export default {
  extends: [PostGraphileAmberPreset],
  plugins: [RulesPlugin, HiddenPlugin],
  // one schema, and of it what web_user may use; no filters or orders beyond what the functions take
  pgServices: [makePgService({ pool, schemas: ["api"], pgSettingsForIntrospection: { role: ROLE } })],
  gather: { pgStrictFunctions: false },
  schema: { pgForbidSetofFunctionsToReturnNull: true },
  grafast: { context: settingsOf, explain: false, timeouts: { planning: 1000, execution: 15_000 } },
  grafserv: {
    host: env.MAS_GRAPHQL_HOST ?? "127.0.0.1",
    port: Number(env.MAS_GRAPHQL_PORT ?? 8090),
    graphqlPath: "/graphql",
    graphqlOverGET: false,
    graphiql: exploring,
    graphiqlOnGraphQLGET: false,
    websockets: false,
    watch: false,
    maxRequestLength: 1_000_000,
    maskError: masked,
  },
};
