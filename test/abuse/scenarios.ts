import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { policyReview } from "../bench/reviews.ts";
import { Wire, type Answer, type Target } from "./wire.ts";

/** Where what came of the requests is counted. */
export interface Tally {
  asked(count: number): void;
  answered(count: number): void;
  /** An answer that this request must not get, or none where it must get one. */
  wrong(what: string): void;
}

export interface Stage {
  readonly target: Target;
  /** A namespace that enforces baseline and where DNS is allowed. */
  readonly namespace: string;
  readonly tally: Tally;
}

/** One visit of one client: opens a connection, behaves as it does, and is gone. */
export interface Scenario {
  readonly name: string;
  /** How often, compared with the others. */
  readonly weight: number;
  run(stage: Stage): Promise<void>;
}

type Expect = (answer: Answer) => boolean;

const status =
  (...codes: readonly number[]): Expect =>
  (answer) =>
    codes.includes(answer.status);

/** HTTP 200 with this verdict on this review. */
function verdict(uid: string, allowed: boolean): Expect {
  return ({ status: code, body }) => {
    if (code !== 200) return false;
    const { response } = JSON.parse(body) as {
      response: { uid: string; allowed: boolean; status?: { message: string } };
    };
    const named = response.status?.message.includes("or-ed-selectors") ?? false;
    return response.uid === uid && response.allowed === allowed && named !== allowed;
  };
}

interface Review {
  readonly body: string;
  readonly expect: Expect;
}

function review(
  { namespace }: Stage,
  allowed: boolean,
  change: (object: { metadata: object; spec: object }) => void = () => undefined,
  size: "1.6 KB" | "40 KB" = "1.6 KB",
): Review {
  const whole = JSON.parse(policyReview(namespace, size, allowed ? "allowed" : "denied")) as {
    request: { uid: string; object: { metadata: object; spec: object } };
  };
  change(whole.request.object);
  return { body: JSON.stringify(whole), expect: verdict(whole.request.uid, allowed) };
}

function head(path: string, length: number, more: readonly string[] = [], method = "POST"): string {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "User-Agent: kube-apiserver-admission",
    ...(more.some((line) => line.startsWith("Content-Type")) ? [] : ["Content-Type: application/json"]),
    `Content-Length: ${length}`,
    ...more,
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function post(body: string, path = "/validate?timeout=3s", more: readonly string[] = []): string {
  return head(path, Buffer.byteLength(body), more) + body;
}

/** Sends one request and holds its answer against what it must be. */
async function demand(wire: Wire, stage: Stage, name: string, text: string, expect: Expect): Promise<void> {
  stage.tally.asked(1);
  wire.send(text);
  judge(await wire.answer(), stage, name, expect);
}

function judge(answer: Answer | undefined, { tally }: Stage, name: string, expect: Expect): void {
  if (answer !== undefined) tally.answered(1);
  if (answer === undefined) tally.wrong(`${name}: no answer`);
  else if (!expect(answer)) tally.wrong(`${name}: ${answer.status} ${answer.body.slice(0, 200)}`);
}

/** A scenario of one request on a connection of its own. */
function single(
  name: string,
  weight: number,
  make: (stage: Stage) => { readonly text: string; readonly expect: Expect },
): Scenario {
  return {
    name,
    weight,
    run: async (stage) => {
      const wire = await Wire.open(stage.target);
      const { text, expect } = make(stage);
      await demand(wire, stage, name, text, expect);
      wire.drop();
    },
  };
}

const asked = (made: Review, path?: string, more?: readonly string[]) => ({
  text: post(made.body, path, more),
  expect: made.expect,
});

/** So deep that a recursive reader would run out of stack. */
const nesting = 10_000;

/** Everything that clients do here. What must be answered is answered rightly, whatever the others do meanwhile. */
const scenarios: readonly Scenario[] = [
  {
    name: "kept connection",
    weight: 12,
    run: async (stage) => {
      const wire = await Wire.open(stage.target);
      for (let request = 0; request < 20 && wire.open; request++) {
        const made = review(stage, request % 3 !== 0, undefined, request % 5 === 4 ? "40 KB" : "1.6 KB");
        await demand(wire, stage, "kept connection", post(made.body), made.expect);
      }
      wire.drop();
    },
  },
  {
    name: "pipelined",
    weight: 4,
    run: async (stage) => {
      const wire = await Wire.open(stage.target);
      const all = [true, false, true, true, false].map((allowed) => review(stage, allowed));
      stage.tally.asked(all.length);
      wire.send(all.map(({ body }) => post(body)).join(""));
      for (const { expect } of all) judge(await wire.answer(), stage, "pipelined", expect);
      wire.drop();
    },
  },
  {
    name: "slow client",
    weight: 3,
    run: async (stage) => {
      const wire = await Wire.open(stage.target);
      const made = review(stage, true, undefined, "40 KB");
      const text = post(made.body);
      stage.tally.asked(1);
      const pieces = 10;
      const length = Math.ceil(text.length / pieces);
      for (let piece = 0; piece < pieces; piece++) {
        wire.send(text.slice(piece * length, (piece + 1) * length));
        await sleep(200);
      }
      judge(await wire.answer(), stage, "slow client", made.expect);
      wire.drop();
    },
  },
  single("1 MiB", 1, (stage) => {
    const long = { annotations: { "example.com/note": "x".repeat(1 << 20) } };
    return asked(review(stage, true, ({ metadata }) => Object.assign(metadata, long)));
  }),
  single("deep nesting", 2, (stage) => {
    const deep = "[".repeat(nesting) + "]".repeat(nesting);
    const made = review(stage, true, ({ spec }) => Object.assign(spec, { unknown: "DEEP" }));
    return asked({ ...made, body: made.body.replace('"DEEP"', deep) });
  }),
  single("mutate", 3, (stage) => {
    const made = review(stage, true);
    return asked(made, "/mutate?timeout=1s");
  }),
  single("bad JSON", 4, (stage) => ({
    text: post(review(stage, true).body.slice(0, -7)),
    expect: status(400),
  })),
  single("no review", 2, () => ({
    text: post(JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: {} })),
    expect: status(400),
  })),
  single("no uid", 2, () => ({
    text: post(
      JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: { uid: "" } }),
    ),
    expect: status(400),
  })),
  single("binary body", 2, () => ({
    text: post(Buffer.from(randomUUID()).toString("latin1").repeat(50)),
    expect: status(400),
  })),
  single("empty body", 2, () => ({ text: head("/validate", 0), expect: status(400) })),
  single("wrong path", 3, (stage) => ({
    text: post(review(stage, true).body, `/${randomUUID()}`),
    expect: status(404),
  })),
  single("wrong method", 3, () => ({
    text: head("/validate", 0, [], "GET"),
    expect: status(405),
  })),
  single("unknown method", 1, () => ({ text: head("/validate", 0, [], "BREW"), expect: status(400) })),
  single("wrong content type", 3, (stage) => ({
    text: post(review(stage, true).body, "/validate", ["Content-Type: application/x-www-form-urlencoded"]),
    expect: status(415),
  })),
  single("huge header", 3, (stage) => ({
    text: post(review(stage, true).body, "/validate", [`X-Long: ${"x".repeat(40_000)}`]),
    expect: status(431),
  })),
  single("too large", 1, () => ({ text: head("/validate", 17 << 20), expect: status(413) })),
  single("bad chunk", 2, () => ({
    text: head("/validate", 0, ["Transfer-Encoding: chunked"])
      .replace("Content-Length: 0\r\n", "")
      .concat("zz\r\n"),
    expect: status(400),
  })),
  single("no HTTP", 2, () => ({ text: `${randomUUID()}\r\n\r\n`, expect: status(400) })),
  leaving("half a body", 4, (stage) => {
    const text = post(review(stage, true, undefined, "40 KB").body);
    return text.slice(0, text.length / 2);
  }),
  leaving("half a head", 2, () => head("/validate", 10).slice(0, 40)),
  leaving("nothing said", 2, () => ""),
  leaving("gone before the answer", 4, (stage) => post(review(stage, false).body)),
];

/** A client that goes away in the middle: nothing is due to it. */
function leaving(name: string, weight: number, text: (stage: Stage) => string): Scenario {
  return {
    name,
    weight,
    run: async (stage) => {
      const wire = await Wire.open(stage.target);
      stage.tally.asked(1);
      wire.send(text(stage));
      await sleep(Math.random() * 100);
      wire.drop();
    },
  };
}

/** Draws scenarios by their weights. */
export function draw(random: () => number): Scenario {
  const total = scenarios.reduce((sum, { weight }) => sum + weight, 0);
  let left = random() * total;
  for (const scenario of scenarios) {
    left -= scenario.weight;
    if (left < 0) return scenario;
  }
  throw new Error("no scenario has a weight");
}
