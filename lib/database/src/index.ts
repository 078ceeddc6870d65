export type { Database, Transaction } from "./database.ts";
