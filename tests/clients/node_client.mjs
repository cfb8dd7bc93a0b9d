// connect-es in Node.js: node node_client.mjs grpc|grpc-web URL

import { createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";

import { call } from "./connect_call.mjs";
import { serve } from "./lines.mjs";

const [kind, baseUrl] = process.argv.slice(2);
const transport = kind === "grpc" ? createGrpcTransport({ baseUrl }) : createGrpcWebTransport({ baseUrl, httpVersion: "1.1" });

await serve((wanted) => call(transport, wanted));
