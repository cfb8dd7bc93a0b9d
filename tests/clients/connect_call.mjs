// One call with a connect-es client, whatever its transport, as the test wants to see it.

import { ConnectError, createClient } from "@connectrpc/connect";
import { fromJson, toJson } from "@bufbuild/protobuf";
import { ErrorDetailSchema } from "@zitadel/proto/zitadel/message_pb.js";
import { CreateInstanceRequestSchema, CreateInstanceResponseSchema, SystemService } from "@zitadel/proto/zitadel/system_pb.js";

export async function call(transport, { request, metadata, seconds }) {
  const answer = { code: 0, message: "", details: [], response: {}, headers: {} };
  try {
    const response = await createClient(SystemService, transport).createInstance(
      fromJson(CreateInstanceRequestSchema, request),
      {
        headers: metadata,
        timeoutMs: seconds && seconds * 1000,
        onHeader: (headers) => { answer.headers = Object.fromEntries(headers); },
      },
    );
    answer.response = toJson(CreateInstanceResponseSchema, response);
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    answer.code = error.code;
    answer.message = error.rawMessage;
    answer.details = error.findDetails(ErrorDetailSchema).map(({ id, message }) => ({ id, message }));
  }
  return answer;
}
