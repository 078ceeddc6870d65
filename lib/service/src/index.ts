export type * from "./define-service.ts";
