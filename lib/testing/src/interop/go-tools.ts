import { join } from "node:path";
import { cached, runTool } from "../engines/cache.ts";

/** grpcurl, built from the Go module proxy and cached. Answers its path. */
export function fetchGrpcurl(): Promise<string> {
  return install("grpcurl", "github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4");
}

/** grpc-health-probe, likewise. */
export function fetchHealthProbe(): Promise<string> {
  return install("grpc-health-probe", "github.com/grpc-ecosystem/grpc-health-probe@v0.4.61");
}

async function install(name: string, module: string): Promise<string> {
  const folder = await cached(`${name}-${module.split("@v")[1]}`, (target) =>
    runTool("go", ["install", module], {
      env: { ...process.env, GOBIN: target, CGO_ENABLED: "0", GOFLAGS: "-mod=mod" },
    }),
  );
  return join(folder, name);
}
