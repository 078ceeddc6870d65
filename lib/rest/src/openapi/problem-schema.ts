/** The JSON Schema of a `Problem`. */
export const problemSchema = {
  type: "object",
  description: "What went wrong, as problem details (RFC 9457).",
  properties: {
    type: { type: "string", description: "Always `about:blank`." },
    title: { type: "string", description: "The HTTP status in words." },
    status: { type: "integer", description: "The HTTP status." },
    detail: { type: "string", description: "A sentence for people." },
    code: {
      type: "string",
      description: "The Connect code.",
      enum: [
        "canceled",
        "unknown",
        "invalid_argument",
        "deadline_exceeded",
        "not_found",
        "already_exists",
        "permission_denied",
        "resource_exhausted",
        "failed_precondition",
        "aborted",
        "out_of_range",
        "unimplemented",
        "internal",
        "unavailable",
        "data_loss",
        "unauthenticated",
      ],
    },
    reason: { type: "string", description: "A stable word for the kind of failure; empty where the code says enough." },
    metadata: { type: "object", additionalProperties: { type: "string" }, description: "What belongs to the reason." },
    violations: {
      type: "array",
      description: "The fields that are not as they must be.",
      items: {
        type: "object",
        properties: {
          field: { type: "string", description: "Its path, such as `fileIds[2]`; empty for the whole request." },
          rule: { type: "string", description: "The rule it breaks." },
          message: { type: "string", description: "The same in words." },
        },
        required: ["field", "rule", "message"],
      },
    },
    traceId: { type: "string", description: "Finds this call in logs and traces." },
  },
  required: ["type", "title", "status", "detail", "code", "reason", "metadata", "violations", "traceId"],
};

/** The response that carries it. */
export const problemResponse = {
  description: "The call failed.",
  headers: {
    "Retry-After": {
      description: "After how many seconds to try again, where that helps.",
      schema: { type: "integer", minimum: 0 },
    },
  },
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};
