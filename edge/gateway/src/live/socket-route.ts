import type { PlainRoute } from "@lyceum/rest";

/** How `/v1/ws` is described in OpenAPI, which has no words of its own for WebSockets. */
export const socketRoute: PlainRoute = {
  method: "GET",
  path: "/v1/ws",
  access: "public",
  operation: {
    operationId: "ChatService_SubscribeByWebSocket",
    tags: ["ChatService"],
    summary: "Follows all rooms of the caller over a WebSocket",
    description: [
      "The handshake of a WebSocket (RFC 6455) that then carries what Subscribe streams, a SubscribeResponse in each text frame.",
      'The client first sends `{"type":"auth","token":"<access token>","cursor":"<where to go on>"}`, within ten seconds; `cursor`',
      "may be left out; and `token`, too, by a page whose session is in a cookie: after three seconds without a frame it follows from",
      'now on. Frames with a `type` are control: either side may send `{"type":"ping"}` and gets `{"type":"pong"}`, and a',
      'last `{"type":"error","error":<Problem>}` says why it is over.\n\nClose codes: 4400 a frame that is not understood, 4401 no',
      "session or an ended one, 4408 too slow (connect again and go on), 1012 restart (connect again and go on). Frames of a client",
      "are text of at most 8 KiB. Pages of other sites than the allowed ones are refused.",
    ].join(" "),
    responses: {
      "101": { description: "The WebSocket is open." },
      "403": { description: "The page that asks is of a site that is not allowed." },
      "426": { description: "This is no handshake of a WebSocket." },
    },
  },
};
