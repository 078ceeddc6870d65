import { openEmbeddedIndex } from "./embedded.ts";
import { testVectorIndex } from "./test-vector-index.ts";

testVectorIndex("the rows of the database", {
  open: async () => openEmbeddedIndex(),
  dimensions: 64,
  passagesPerFile: 20,
});
