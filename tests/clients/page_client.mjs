// The clients of a page; the test calls them by name.

import { createFileRegistry, fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { anyUnpack, file_google_protobuf_any, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { ErrorDetailSchema } from "@zitadel/proto/zitadel/message_pb.js";
import { CreateInstanceRequestSchema, CreateInstanceResponseSchema } from "@zitadel/proto/zitadel/system_pb.js";
import { GrpcWebClientBase, MethodDescriptor, MethodType } from "grpc-web";

import { call } from "./connect_call.mjs";

// No package has google.rpc.Status for protobuf-es.
const StatusSchema = createFileRegistry(
  fromJson(FileDescriptorProtoSchema, {
    name: "google/rpc/status.proto",
    package: "google.rpc",
    syntax: "proto3",
    dependency: ["google/protobuf/any.proto"],
    messageType: [{
      name: "Status",
      field: [
        { name: "code", number: 1, type: "TYPE_INT32", label: "LABEL_OPTIONAL" },
        { name: "message", number: 2, type: "TYPE_STRING", label: "LABEL_OPTIONAL" },
        { name: "details", number: 3, type: "TYPE_MESSAGE", typeName: ".google.protobuf.Any", label: "LABEL_REPEATED" },
      ],
    }],
  }),
  () => file_google_protobuf_any,
).getMessage("google.rpc.Status");

const METHOD = "/zitadel.system.v1.SystemService/CreateInstance";
const descriptor = new MethodDescriptor(
  METHOD,
  MethodType.UNARY,
  Object,
  Object,
  (request) => toBinary(CreateInstanceRequestSchema, request),
  (bytes) => fromBinary(CreateInstanceResponseSchema, bytes),
);

function grpcWeb(format, baseUrl, { request, metadata, seconds }) {
  const deadline = seconds ? { deadline: String(Date.now() + seconds * 1000) } : {};
  const answer = { code: 0, message: "", details: [], response: {}, headers: {} };
  return new Promise((resolve) => {
    new GrpcWebClientBase({ format })
      .rpcCall(baseUrl + METHOD, fromJson(CreateInstanceRequestSchema, request), { ...metadata, ...deadline }, descriptor, (error, response) => {
        if (error) {
          const details = error.metadata?.["grpc-status-details-bin"];
          answer.code = error.code;
          answer.message = error.message;
          answer.details = details ? errorDetails(base64Decode(details)) : [];
        } else {
          answer.response = toJson(CreateInstanceResponseSchema, response);
        }
        resolve(answer);
      })
      .on("metadata", (headers) => { answer.headers = headers; });
  });
}

function errorDetails(bytes) {
  return fromBinary(StatusSchema, bytes).details
    .map((any) => anyUnpack(any, ErrorDetailSchema))
    .map(({ id, message }) => ({ id, message }));
}

const clients = {
  "connect-web": (baseUrl, wanted) => call(createGrpcWebTransport({ baseUrl }), wanted),
  "grpc-web": (baseUrl, wanted) => grpcWeb("binary", baseUrl, wanted),
  "grpc-web-text": (baseUrl, wanted) => grpcWeb("text", baseUrl, wanted),
};

globalThis.call = (client, baseUrl, wanted) => clients[client](baseUrl, wanted);
