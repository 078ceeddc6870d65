import type {
  DescEnum,
  DescEnumValue,
  DescField,
  DescFile,
  DescMessage,
  DescMethod,
  DescService,
} from "@bufbuild/protobuf";

type Commented = DescMessage | DescField | DescEnum | DescEnumValue | DescService | DescMethod;

/**
 * The comment above a declaration in its .proto file. Empty unless the descriptors carry source information, as those of
 * `buf build --as-file-descriptor-set` do and generated code does not.
 */
export function commentOf(desc: Commented): string {
  const { file, path } = locate(desc);
  let comments = commentsOf.get(file);
  if (!comments) {
    const locations = file.proto.sourceCodeInfo?.location ?? [];
    comments = new Map(locations.map((location) => [location.path.join(), location.leadingComments]));
    commentsOf.set(file, comments);
  }
  const lines = (comments.get(path.join()) ?? "").split("\n").map((line) => line.trim());
  return lines
    .join("\n")
    .replaceAll(/(?<!\n)\n(?!\n|- )/g, " ")
    .trim();
}

const commentsOf = new WeakMap<DescFile, Map<string, string>>();

/** Where a declaration stands, as google/protobuf/descriptor.proto numbers it. */
function locate(desc: Commented): { file: DescFile; path: number[] } {
  switch (desc.kind) {
    case "message":
      return desc.parent
        ? below(desc.parent, 3, desc.parent.proto.nestedType.indexOf(desc.proto))
        : { file: desc.file, path: [4, desc.file.proto.messageType.indexOf(desc.proto)] };
    case "enum":
      return desc.parent
        ? below(desc.parent, 4, desc.parent.proto.enumType.indexOf(desc.proto))
        : { file: desc.file, path: [5, desc.file.proto.enumType.indexOf(desc.proto)] };
    case "service":
      return { file: desc.file, path: [6, desc.file.proto.service.indexOf(desc.proto)] };
    case "field":
      return below(desc.parent, 2, desc.parent.proto.field.indexOf(desc.proto));
    case "enum_value":
      return below(desc.parent, 2, desc.parent.proto.value.indexOf(desc.proto));
    case "rpc":
      return below(desc.parent, 2, desc.parent.proto.method.indexOf(desc.proto));
  }
}

function below(parent: Commented, ...path: number[]): { file: DescFile; path: number[] } {
  const outer = locate(parent);
  return { file: outer.file, path: [...outer.path, ...path] };
}
