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

/** helm, likewise. */
export function fetchHelm(): Promise<string> {
  return install("helm", "helm.sh/helm/v3/cmd/helm@v3.22.0");
}

/** The loader inside Docker Compose, likewise: prints what it makes of Compose files. */
export function fetchComposeLoader(): Promise<string> {
  return install("compose-go", "github.com/compose-spec/compose-go/v2/cmd@v2.16.2", "cmd");
}

async function install(name: string, module: string, binary = name): Promise<string> {
  const folder = await cached(`${name}-${module.split("@v")[1]}`, (target) =>
    runTool("go", ["install", module], {
      env: { ...process.env, GOBIN: target, CGO_ENABLED: "0", GOFLAGS: "-mod=mod" },
    }),
  );
  return join(folder, binary);
}
