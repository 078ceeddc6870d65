import { parentPort, workerData } from "node:worker_threads";
import { analysePassages } from "./write-segment.ts";

const blob = analysePassages(workerData);
parentPort?.postMessage(blob, [blob.buffer]);
