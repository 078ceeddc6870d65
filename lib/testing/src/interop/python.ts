import { join } from "node:path";
import { cached, runTool } from "../engines/cache.ts";

const grpcVersion = "1.85.1";

/** grpcio and its code generator from PyPI, cached. Answers the folder for PYTHONPATH. */
export async function fetchGrpcio(): Promise<string> {
  const packages = [`grpcio==${grpcVersion}`, `grpcio-tools==${grpcVersion}`];
  const folder = await cached(`grpcio-${grpcVersion}`, (target) =>
    runTool("python3", ["-m", "pip", "install", "--quiet", "--target", join(target, "site"), ...packages]),
  );
  return join(folder, "site");
}
