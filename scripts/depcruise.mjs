#!/usr/bin/env node
// dependency-cruiser, taught about `using`: the visitor of @swc/core, with which it reads TypeScript, throws on that statement.
import { Visitor } from "@swc/core/Visitor.js";

const { visitStatement } = Visitor.prototype;
Visitor.prototype.visitStatement = function (statement) {
  if (statement.type !== "UsingDeclaration") return visitStatement.call(this, statement);
  return { ...statement, decls: this.visitVariableDeclarators(statement.decls) };
};
await import("../node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
