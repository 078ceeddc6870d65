#!/usr/bin/env node
import { openIo } from "./io.ts";
import { runCli } from "./run-cli.ts";

process.exitCode = await runCli(process.argv.slice(2), openIo());
