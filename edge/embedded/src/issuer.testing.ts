import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

/** Somebody else who tells who a person is, and lets whoever comes in as `person`, without a page. */
export type Issuer = AsyncDisposable & {
  readonly url: string;
  /** Whose address, `<person>@example.org`, is told; set by the test. */
  person: string;
};

/** An OpenID Connect issuer on a loopback port, for a Lyceum that people reach at `lyceumUrl`. */
export async function startIssuer(lyceumUrl: string): Promise<Issuer> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: Issuer = {
    url,
    person: "",
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
  const provider = new Provider(url, {
    clients: [{ client_id: "lyceum", client_secret: "s3cret", redirect_uris: [`${lyceumUrl}/auth/callback`] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, name: sub, email: `${sub}@example.org`, email_verified: true }),
    }),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    cookies: { keys: ["test"] },
  });
  const consent = async (req: IncomingMessage, res: ServerResponse) => {
    const { params } = await provider.interactionDetails(req, res);
    const accountId = issuer.person;
    const grant = new provider.Grant({ accountId, clientId: String(params.client_id) });
    grant.addOIDCScope(String(params.scope));
    const grantId = await grant.save();
    await provider.interactionFinished(req, res, { login: { accountId }, consent: { grantId } });
  };
  const answer = provider.callback();
  server.on(
    "request",
    (req, res) => void (req.url?.startsWith("/interaction/") ? consent(req, res) : answer(req, res)),
  );
  return issuer;
}
