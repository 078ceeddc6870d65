export { answerProblem } from "./answer.ts";
export { type Problem, type ProblemAnswer, statusOf, toProblem, type Violation, withHttp } from "./problem.ts";
export { createRestHandler, type RestOptions, readTraceId } from "./rest-handler.ts";
export { invalidFields } from "./violations.ts";
