import { productParsers } from "../parsers/product-parsers.ts";
import { serveParses } from "./serve-parses.ts";

await serveParses(productParsers);
