"""grpcio with the code that its own compiler makes of proto/: python grpcio_client.py HOST:PORT."""

import json
import sys

import grpc
from google.protobuf import json_format
from grpc_status import rpc_status
from zitadel import message_pb2, system_pb2, system_pb2_grpc


def call(stub, request, metadata, seconds):
    """The outcome of one call, as the test wants to see it."""
    message = json_format.ParseDict(request, system_pb2.CreateInstanceRequest())
    try:
        response, ended = stub.CreateInstance.with_call(message, metadata=list(metadata.items()), timeout=seconds)
    except grpc.RpcError as error:
        return {
            "code": error.code().value[0],
            "message": error.details(),
            "details": list(details(error)),
            "response": {},
            "headers": dict(error.initial_metadata()),
        }
    headers = dict(ended.initial_metadata())
    return {
        "code": 0,
        "message": "",
        "details": [],
        "response": json_format.MessageToDict(response),
        "headers": headers,
    }


def details(error):
    """The ErrorDetails of a refusal."""
    status = rpc_status.from_call(error)
    for packed in status.details if status else ():
        detail = message_pb2.ErrorDetail()
        if packed.Unpack(detail):
            yield {"id": detail.id, "message": detail.message}


with grpc.insecure_channel(sys.argv[1]) as channel:
    stub = system_pb2_grpc.SystemServiceStub(channel)
    for line in sys.stdin:
        print(json.dumps(call(stub, **json.loads(line))), flush=True)
