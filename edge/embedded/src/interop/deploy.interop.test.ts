import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { knownVariables, type ServiceDefinition } from "@lyceum/service";
import { canFetch } from "@lyceum/testing/engines/fetch-or-skip.ts";
import { fetchComposeLoader, fetchHelm } from "@lyceum/testing/interop/go-tools.ts";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { services } from "../services.ts";

const root = join(import.meta.dirname, "../../../..");
const run = promisify(execFile);
const names = services.map(({ name }) => name);
const hasCompose = await canFetch("Compose's loader", fetchComposeLoader);
const hasHelm = await canFetch("helm", fetchHelm);

describe.skipIf(!hasCompose)("Compose", () => {
  const load = async (...files: string[]) =>
    JSON.parse((await run(await fetchComposeLoader(), ["--format", "json", ...files], { maxBuffer: 1 << 24 })).stdout);

  /** A copy whose variables are filled in, as Compose does it from `.env`: the loader alone knows none. */
  async function fill(file: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "lyceum-compose-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const text = await readFile(join(root, file), "utf8");
    const copy = join(folder, "compose.yaml");
    await writeFile(
      copy,
      text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name, kind, rest) => (kind === "-" ? rest : `of-${name}`)),
    );
    return copy;
  }

  /** Merged ones are a list of `NAME=value`. */
  const environmentOf = ({ environment }: { environment: string[] | Record<string, string> }) =>
    Array.isArray(environment)
      ? (Object.fromEntries(environment.map((line) => line.split(/=(.*)/s, 2))) as Record<string, string>)
      : environment;

  test("takes the files, and gives every service a database of its own", async () => {
    const one = await fill("compose.yaml");
    for (const files of [[one], [one, await fill("deploy/compose.postgres-per-service.yaml")]]) {
      const { services } = await load(...files);
      for (const name of names.filter((name) => name !== "gateway")) {
        const own = name.toUpperCase();
        const url = new URL(environmentOf(services[name])[`${own}_DATABASE_URL`] ?? "");
        expect([url.username, url.password, url.pathname]).toEqual([name, `of-${own}_DATABASE_PASSWORD`, `/${name}`]);
        expect(url.hostname).toBe(files.length === 1 ? "postgres" : `postgres-${name}`);
        expect(services[name].depends_on[url.hostname].condition).toBe("service_healthy");
        expect(services[url.hostname].image).toMatch(/^postgres:/);
      }
    }
  });

  test("refuses to start without what must be set, and says what makes it", async () => {
    const refused = await load(join(root, "compose.yaml")).catch(({ stderr }) => stderr);
    expect(refused).toContain("required variable POSTGRES_PASSWORD is missing a value: set it in .env");
    expect(refused).toContain("required variable LYCEUM_SERVICE_KEYS is missing a value: run npm run keys");
  });
});

describe.skipIf(!hasHelm)("the chart", () => {
  const chart = join(root, "deploy/chart");
  const helm = async (...args: string[]) => (await run(await fetchHelm(), args, { maxBuffer: 1 << 24 })).stdout;

  // biome-ignore lint/suspicious/noExplicitAny: manifests of many kinds
  async function render(...values: string[]): Promise<any[]> {
    const set = values.flatMap((value) => ["--set", value]);
    const documents = parseAllDocuments(await helm("template", "lyceum", chart, "--kube-version", "1.31.0", ...set));
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    return documents.map((document) => document.toJS()).filter(Boolean);
  }

  test("passes helm's lint", async () => {
    expect(await helm("lint", "--strict", chart)).toContain("0 chart(s) failed");
  });

  test.each(names)(
    "renders %s as a deployment, a service and a disruption budget that mean the same pods",
    async (name) => {
      const own = (await render()).filter(({ metadata }) => metadata.name === name);
      expect(own.map(({ kind }) => kind).toSorted()).toEqual(["Deployment", "PodDisruptionBudget", "Service"]);
      const { Deployment, PodDisruptionBudget, Service } = Object.fromEntries(own.map((one) => [one.kind, one.spec]));
      const { labels } = Deployment.template.metadata;
      expect(Deployment.selector.matchLabels).toEqual(labels);
      expect(PodDisruptionBudget.selector.matchLabels).toEqual(labels);
      expect(Service.selector).toEqual(labels);
      const [container] = Deployment.template.spec.containers;
      expect(Service.ports[0].targetPort).toBe(container.ports[0].name);
      for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) {
        expect(container[probe].httpGet.path).toMatch(/^\/(healthz|readyz)$/);
      }
      expect(container.resources).toMatchObject({
        requests: { cpu: expect.anything() },
        limits: { memory: expect.anything() },
      });
      expect(container.securityContext).toMatchObject({
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(Deployment.template.spec.securityContext.runAsNonRoot).toBe(true);
    },
  );

  test.each(services.map((service) => [service.name, service] as const))(
    "tells %s each variable once, as text, and none it does not know",
    // biome-ignore lint/suspicious/noExplicitAny: definitions with different configs share one list
    async (name, definition: ServiceDefinition<any>) => {
      const rendered = await render("env.OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318");
      const deployment = rendered.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === name);
      const { env } = deployment.spec.template.spec.containers[0];
      const variables = env.map((one: { name: string }) => one.name);
      expect(new Set(variables).size).toBe(variables.length);
      expect(variables.filter((variable: string) => !knownVariables(definition).has(variable))).toEqual([]);
      expect(env.filter((one: { value?: unknown }) => "value" in one && typeof one.value !== "string")).toEqual([]);
    },
  );

  test("leads the outside to the gateway alone, where an ingress is asked for", async () => {
    const kinds = (await render()).map(({ kind }) => kind);
    expect(kinds).not.toContain("Ingress");
    const rendered = await render("ingress.enabled=true", "ingress.className=nginx", "ingress.tlsSecret=tls");
    const [ingress, ...more] = rendered.filter(({ kind }) => kind === "Ingress");
    expect(more).toEqual([]);
    const backends = ingress.spec.rules.flatMap(({ http }: { http: { paths: { backend: unknown }[] } }) =>
      http.paths.map(({ backend }) => backend),
    );
    expect(backends).toEqual([{ service: { name: "gateway", port: { name: "http" } } }]);
    expect(ingress.spec).toMatchObject({ ingressClassName: "nginx", tls: [{ secretName: "tls" }] });
  });
});
