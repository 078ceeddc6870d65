"""The main job over gRPC with stubs made from the protos: sign up, send a document in chunks, wait until it is ready, ask, and
hear one's own message in a room.

Takes the server's address; prints what it got as one JSON object.
"""

import json
import secrets
import sys
import time

import grpc
from lyceum.chat.v1 import chat_service_pb2, chat_service_pb2_grpc, room_pb2
from lyceum.files.v1 import file_service_pb2, file_service_pb2_grpc
from lyceum.identity.v1 import identity_service_pb2, identity_service_pb2_grpc
from lyceum.ingest.v1 import document_pb2, ingest_service_pb2, ingest_service_pb2_grpc
from lyceum.rag.v1 import rag_service_pb2, rag_service_pb2_grpc

DOCUMENT = b"# Tides\n\nSpring tides happen when the sun and the moon pull in line, at new and full moon.\n"


def upload_parts():
    metadata = file_service_pb2.UploadFileMetadata(name="tides.md", size_bytes=len(DOCUMENT))
    yield file_service_pb2.UploadFileRequest(metadata=metadata)
    for start in range(0, len(DOCUMENT), 32):
        yield file_service_pb2.UploadFileRequest(chunk=DOCUMENT[start : start + 32])


def wait_until_ready(ingest, file_id, metadata):
    for _ in range(600):
        request = ingest_service_pb2.GetDocumentRequest(file_id=file_id)
        document = ingest.GetDocument(request, metadata=metadata).document
        if document.state >= document_pb2.DOCUMENT_STATE_READY:
            return document
        time.sleep(0.1)
    raise TimeoutError(f"{file_id} is not ready")


def hear_oneself(chat, metadata):
    """Follows all rooms, says something in a new one, and answers what was heard of it."""
    room = chat.CreateRoom(
        chat_service_pb2.CreateRoomRequest(kind=room_pb2.ROOM_KIND_GROUP, title="Tides"), metadata=metadata
    ).room
    following = chat.Subscribe(chat_service_pb2.SubscribeRequest(), metadata=metadata, timeout=30)
    heard = ""
    for response in following:
        kind = response.WhichOneof("event")
        if kind == "ready":
            chat.SendMessage(
                chat_service_pb2.SendMessageRequest(room_id=room.id, client_id=secrets.token_hex(16), text="Look!"),
                metadata=metadata,
            )
        elif kind == "message" and response.message.text:
            heard = response.message.text
            break
    following.cancel()
    return heard


def main():
    channel = grpc.insecure_channel(sys.argv[1])
    identity = identity_service_pb2_grpc.IdentityServiceStub(channel)
    files = file_service_pb2_grpc.FileServiceStub(channel)
    ingest = ingest_service_pb2_grpc.IngestServiceStub(channel)
    chat = chat_service_pb2_grpc.ChatServiceStub(channel)
    rag = rag_service_pb2_grpc.RagServiceStub(channel)

    signed_up = identity.SignUp(
        identity_service_pb2.SignUpRequest(
            email=f"{secrets.token_hex(8)}@example.org", password="correct horse battery staple", display_name="Ada"
        )
    )
    metadata = [("authorization", f"Bearer {signed_up.session.access_token}")]
    file = files.UploadFile(upload_parts(), metadata=metadata).file
    document = wait_until_ready(ingest, file.id, metadata)

    answer, citations, finish_reason = "", [], ""
    question = rag_service_pb2.AskRequest(question="When do spring tides happen?")
    for response in rag.Ask(question, metadata=metadata):
        kind = response.WhichOneof("event")
        if kind == "delta":
            answer += response.delta.text
        elif kind == "citation":
            citations.append({"fileId": response.citation.file_id, "quote": response.citation.quote})
        elif kind == "done":
            finish_reason = response.done.finish_reason

    content = b"".join(
        part.chunk
        for part in files.DownloadFile(file_service_pb2.DownloadFileRequest(file_id=file.id), metadata=metadata)
    )
    try:
        files.GetFile(file_service_pb2.GetFileRequest(file_id="none"), metadata=metadata)
        missing = "OK"
    except grpc.RpcError as error:
        missing = error.code().name
    print(
        json.dumps(
            {
                "fileId": file.id,
                "state": document_pb2.DocumentState.Name(document.state),
                "answer": answer,
                "citations": citations,
                "finishReason": finish_reason,
                "isWhole": content == DOCUMENT,
                "missing": missing,
                "heard": hear_oneself(chat, metadata),
            }
        )
    )


main()
