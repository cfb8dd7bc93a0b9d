// Prints the descriptors that ZITADEL publishes for its SystemService: a FileDescriptorSet, dependencies first.

import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { file_zitadel_message } from "@zitadel/proto/zitadel/message_pb.js";
import { file_zitadel_system } from "@zitadel/proto/zitadel/system_pb.js";

const files = new Map();

function add(file) {
  file.dependencies.forEach(add);
  files.set(file.name, file.proto);
}

[file_zitadel_message, file_zitadel_system].forEach(add);
process.stdout.write(toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [...files.values()] })));
