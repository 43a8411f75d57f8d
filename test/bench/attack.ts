import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** `closed`: every connection asks again as soon as it is answered. `paced`: requests at even distances. */
export type Pace = { readonly kind: "closed" } | { readonly kind: "paced"; readonly perSecond: number };

/** The connections that load is sent over; kube-apiserver keeps up to 25 to a webhook. */
const manyConnections = 20;

export interface AttackOptions {
  readonly vegeta: string;
  /** What stands before the command to keep it on its core. */
  readonly prefix: readonly string[];
  /** https://127.0.0.1:PORT/validate?timeout=3s */
  readonly url: string;
  readonly authorityFile: string;
  /** Sent in turn. */
  readonly bodies: readonly string[];
  readonly pace: Pace;
  /** 20 unless given. */
  readonly connections?: number;
  readonly seconds: number;
  /** For its files. */
  readonly directory: string;
  /** The length of the right answer: every answer must have it. */
  readonly answerBytes: number;
}

export interface AttackResult {
  readonly requests: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** The part of `vegeta report -type json` that is read here; times in nanoseconds. */
interface Report {
  readonly latencies: { readonly "50th": number; readonly "99th": number };
  readonly bytes_in: { readonly total: number };
  readonly requests: number;
  readonly throughput: number;
  readonly status_codes: Readonly<Record<string, number>>;
  readonly errors: readonly string[] | null;
}

/** Sends load and measures it. Throws where one answer is not HTTP 200 with a body of the right length. */
export async function attack(options: AttackOptions): Promise<AttackResult> {
  const directory = await mkdtemp(join(options.directory, "attack-"));
  try {
    const report = await sendLoad(options, directory);
    refuseWrongAnswers(report, options.answerBytes);
    return {
      requests: report.requests,
      perSecond: report.throughput,
      p50: report.latencies["50th"] / 1e6,
      p99: report.latencies["99th"] / 1e6,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function sendLoad(options: AttackOptions, directory: string): Promise<Report> {
  const { vegeta, prefix, url, pace, connections = manyConnections } = options;
  const targets = join(directory, "targets.json");
  const results = join(directory, "results.bin");
  const header = { "Content-Type": ["application/json"], Accept: ["application/json, */*"] };
  const lines = options.bodies.map((text) => {
    const body = Buffer.from(text).toString("base64");
    return `${JSON.stringify({ method: "POST", url, body, header })}\n`;
  });
  await writeFile(targets, lines.join(""));
  const rate =
    pace.kind === "closed" ? ["-rate=0", `-max-workers=${connections}`] : [`-rate=${pace.perSecond}/s`];
  const command = [
    ...prefix,
    vegeta,
    "attack",
    "-format=json",
    `-targets=${targets}`,
    `-root-certs=${options.authorityFile}`,
    `-duration=${options.seconds}s`,
    `-workers=${connections}`,
    `-connections=${connections}`,
    "-http2=false",
    `-output=${results}`,
    ...rate,
  ];
  await execute(command);
  return JSON.parse(await execute([vegeta, "report", "-type=json", results])) as Report;
}

async function execute([program = "", ...args]: readonly string[]): Promise<string> {
  const { stdout } = await run(program, args, { maxBuffer: 64 << 20 });
  return stdout;
}

function refuseWrongAnswers(report: Report, answerBytes: number): void {
  const { status_codes: codes, requests } = report;
  if (codes["200"] !== requests) {
    const errors = (report.errors ?? []).slice(0, 3).join("; ");
    throw new Error(`of ${requests} requests not all were answered 200: ${JSON.stringify(codes)} ${errors}`);
  }
  if (report.bytes_in.total !== requests * answerBytes) {
    throw new Error(
      `answers of ${report.bytes_in.total} bytes came to ${requests} requests, expected were ${answerBytes} bytes each`,
    );
  }
}

/** One request outside of the measurement: the text of its answer. Throws unless it is answered 200. */
export async function ask(url: string, authorityPem: string, body: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const outgoing = request(url, { method: "POST", ca: authorityPem, agent: false, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`answered ${response.statusCode ?? 0}: ${text}`));
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
