export { type Problem, type ProblemAnswer, statusOf, toProblem, type Violation, withHttp } from "./problem.ts";
