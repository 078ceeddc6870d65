export { answerProblem, breakOff } from "./answer.ts";
export { type OpenApiDocument, type OpenApiOptions, type PlainRoute, toOpenApi } from "./openapi/open-api.ts";
export { createPathMatcher } from "./path-template.ts";
export {
  type Problem,
  type ProblemAnswer,
  statusOf,
  toProblem,
  type Violation,
  withHttp,
  withHttpOf,
} from "./problem.ts";
export {
  createRestHandler,
  defaultRequestHeaders,
  defaultResponseHeaders,
  type RestOptions,
  readTraceId,
} from "./rest-handler.ts";
export { listRestRoutes } from "./routes.ts";
export { invalidFields } from "./violations.ts";
