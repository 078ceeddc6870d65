"""Qdrant's REST API, as far as Lyceum speaks it, over the local mode of Qdrant's own Python client: the same filters, payloads and
aliases, every search exact. It says what Qdrant means, nothing of its speed nor of its approximate search.

Usage: qdrant-reference.py PORT FOLDER. Serves loopback; keeps what it is told in the folder. QDRANT__SERVICE__API_KEY as there."""

import json
import os
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from qdrant_client import QdrantClient
from qdrant_client.http import models

port, folder = int(sys.argv[1]), sys.argv[2]
client = QdrantClient(path=folder, force_disable_check_same_thread=True)
lock = threading.Lock()
key = os.environ.get("QDRANT__SERVICE__API_KEY")


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def create_collection(name, body):
    if client.collection_exists(name):
        raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
    wanted = models.CreateCollection.model_validate(body)
    return client.create_collection(name, vectors_config=wanted.vectors)


def delete_collection(name, _):
    # The local mode leaves the aliases of a collection behind.
    for alias in client.get_collection_aliases(name).aliases:
        delete = models.DeleteAlias(alias_name=alias.alias_name)
        client.update_collection_aliases([models.DeleteAliasOperation(delete_alias=delete)])
    return client.delete_collection(name)


def create_index(name, body):
    models.CreateFieldIndex.model_validate(body)
    return {"operation_id": 0, "status": "completed"}


def upsert(name, body):
    points = models.PointsList.model_validate(body).points
    size = client.get_collection(name).config.params.vectors.size
    for point in points:
        if len(point.vector) != size:
            raise Refused(400, f"Wrong input: Vector dimension error: expected dim: {size}, got {len(point.vector)}")
    return client.upsert(name, points)


def query(name, body):
    asked = models.QueryRequest.model_validate(body)
    size = client.get_collection(name).config.params.vectors.size
    if len(asked.query) != size:
        raise Refused(400, f"Wrong input: Vector dimension error: expected dim: {size}, got {len(asked.query)}")
    return client.query_points(
        name, query=asked.query, query_filter=asked.filter, limit=asked.limit or 10, with_payload=asked.with_payload
    )


def delete_points(name, body):
    return client.delete(name, points_selector=models.FilterSelector.model_validate(body))


def count(name, body):
    asked = models.CountRequest.model_validate(body)
    return client.count(name, count_filter=asked.filter, exact=True)


def update_aliases(body):
    return client.update_collection_aliases(models.ChangeAliasesOperation.model_validate(body).actions)


# By method and path; a handler is given the collection, if the path names one, and the body.
routes = [
    ("GET", r"/readyz", lambda body: "all shards are ready"),
    ("GET", r"/collections", lambda body: client.get_collections()),
    ("GET", r"/aliases", lambda body: client.get_aliases()),
    ("POST", r"/collections/aliases", update_aliases),
    ("GET", r"/collections/([^/]+)", lambda name, body: client.get_collection(name)),
    ("PUT", r"/collections/([^/]+)", create_collection),
    ("DELETE", r"/collections/([^/]+)", delete_collection),
    ("PUT", r"/collections/([^/]+)/index", create_index),
    ("PUT", r"/collections/([^/]+)/points", upsert),
    ("POST", r"/collections/([^/]+)/points/query", query),
    ("POST", r"/collections/([^/]+)/points/delete", delete_points),
    ("POST", r"/collections/([^/]+)/points/count", count),
]


def answer(method, path, body):
    for wanted, pattern, handle in routes:
        found = re.fullmatch(pattern, path)
        if wanted == method and found:
            names = [unquote(name) for name in found.groups()]
            with lock:
                for name in names:
                    is_made = method == "PUT" and pattern.endswith("([^/]+)")
                    if not is_made and not client.collection_exists(name):
                        raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
                return handle(*names, body)
    raise Refused(404, f"The reference has no {method} {path}.")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def respond(self):
        length = int(self.headers.get("content-length") or 0)
        raw = self.rfile.read(length)
        try:
            if key and self.headers.get("api-key") != key:
                raise Refused(401, "Must provide an API key or an Authorization bearer token")
            result = answer(self.command, urlsplit(self.path).path, json.loads(raw) if raw else {})
            if hasattr(result, "model_dump"):
                result = result.model_dump(mode="json")
            status, answered = 200, {"result": result, "status": "ok", "time": 0.0}
        except Refused as error:
            status, answered = error.status, {"status": {"error": str(error)}, "time": 0.0}
        except ValueError as error:
            status, answered = 400, {"status": {"error": f"Wrong input: {error}"}, "time": 0.0}
        except Exception as error:
            status, answered = 500, {"status": {"error": repr(error)}, "time": 0.0}
        sent = json.dumps(answered).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_GET = do_PUT = do_POST = do_DELETE = respond

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
