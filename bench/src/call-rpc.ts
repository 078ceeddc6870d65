import { type Agent, request } from "node:http";

/** Makes one unary Connect call in JSON as cheaply as can be, `rpc` being `<service>/<method>`; fails unless it is answered with 200. */
export function callRpc(url: string, rpc: string, token: string, body: object, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const req = request(`${url}/${rpc}`, {
      method: "POST",
      agent,
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    });
    req.on("error", reject);
    req.on("response", (res) => {
      res.resume();
      res.on("end", () => (res.statusCode === 200 ? resolve() : reject(new Error(`status ${res.statusCode}`))));
    });
    req.end(JSON.stringify(body));
  });
}
