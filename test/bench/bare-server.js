// What Ringfence is measured against: node:https that collects the body, parses it and allows everything. Plain
// JavaScript, so that its memory and its start are not those of Node's type stripping.
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { port: { type: "string" }, cert: { type: "string" }, key: { type: "string" } },
});

const server = createServer(
  {
    cert: readFileSync(values.cert),
    key: readFileSync(values.key),
    keepAliveTimeout: 120_000,
    noDelay: true,
  },
  (request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const review = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      const { apiVersion, kind, request: asked } = review;
      const body = JSON.stringify({ apiVersion, kind, response: { uid: asked.uid, allowed: true } });
      response.writeHead(200, {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      });
      response.end(body);
    });
  },
);
server.listen(Number(values.port), "127.0.0.1");
