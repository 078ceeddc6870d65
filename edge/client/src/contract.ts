/** The public contract, so that a program needs no other package to name its services, methods and messages. */

export * from "@lyceum/gen/proto/lyceum/chat/v1/chat_service_pb.ts";
export * from "@lyceum/gen/proto/lyceum/chat/v1/message_pb.ts";
export * from "@lyceum/gen/proto/lyceum/chat/v1/room_pb.ts";
export * from "@lyceum/gen/proto/lyceum/files/v1/file_pb.ts";
export * from "@lyceum/gen/proto/lyceum/files/v1/file_service_pb.ts";
export * from "@lyceum/gen/proto/lyceum/files/v1/folder_pb.ts";
export * from "@lyceum/gen/proto/lyceum/identity/v1/admin_service_pb.ts";
export * from "@lyceum/gen/proto/lyceum/identity/v1/api_key_pb.ts";
export * from "@lyceum/gen/proto/lyceum/identity/v1/audit_event_pb.ts";
export * from "@lyceum/gen/proto/lyceum/identity/v1/email_pb.ts";
export * from "@lyceum/gen/proto/lyceum/identity/v1/factor_pb.ts";
export * from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
export * from "@lyceum/gen/proto/lyceum/identity/v1/managed_user_pb.ts";
export * from "@lyceum/gen/proto/lyceum/identity/v1/passkey_pb.ts";
export * from "@lyceum/gen/proto/lyceum/identity/v1/password_pb.ts";
export * from "@lyceum/gen/proto/lyceum/identity/v1/session_pb.ts";
export * from "@lyceum/gen/proto/lyceum/identity/v1/sign_in_code_pb.ts";
export * from "@lyceum/gen/proto/lyceum/identity/v1/user_pb.ts";
export * from "@lyceum/gen/proto/lyceum/ingest/v1/document_pb.ts";
export * from "@lyceum/gen/proto/lyceum/ingest/v1/ingest_service_pb.ts";
export * from "@lyceum/gen/proto/lyceum/ingest/v1/locator_pb.ts";
export * from "@lyceum/gen/proto/lyceum/profile/v1/profile_pb.ts";
export * from "@lyceum/gen/proto/lyceum/profile/v1/profile_service_pb.ts";
export * from "@lyceum/gen/proto/lyceum/rag/v1/answer_pb.ts";
export * from "@lyceum/gen/proto/lyceum/rag/v1/conversation_pb.ts";
export * from "@lyceum/gen/proto/lyceum/rag/v1/rag_service_pb.ts";
