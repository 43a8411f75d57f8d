import { connect, type TLSSocket } from "node:tls";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Where the server is, and whose certificate it shows. */
export interface Target {
  readonly port: number;
  readonly authorityPem: string;
}

/** Milliseconds after which an answer that was due counts as missing. */
const patience = 30_000;

/** One TLS connection on which any bytes can be sent, and HTTP/1.1 answers be read. */
export class Wire {
  readonly #socket: TLSSocket;
  #received: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    // An error is always followed by "close"; a reset is what many of these connections are for.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** Rejects where the server does not take the connection. */
  static async open({ port, authorityPem }: Target): Promise<Wire> {
    const socket = connect({ host: "127.0.0.1", port, ca: authorityPem, ALPNProtocols: ["http/1.1"] });
    const wire = new Wire(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("close", () => reject(new Error("the connection was refused")));
      socket.once("error", reject);
    });
    return wire;
  }

  send(...parts: readonly (string | Buffer)[]): void {
    this.#socket.cork();
    for (const part of parts) if (!this.#ended) this.#socket.write(part);
    this.#socket.uncork();
  }

  /** The next answer; undefined where the connection ends without one, or none comes in half a minute. */
  async answer(): Promise<Answer | undefined> {
    const deadline = Date.now() + patience;
    for (;;) {
      const answer = this.#parse();
      if (answer !== undefined) return answer;
      if (this.#ended || Date.now() >= deadline) return undefined;
      await this.#more(deadline - Date.now());
    }
  }

  /** Whether the server ends the connection by itself within the time. */
  async closes(): Promise<boolean> {
    const deadline = Date.now() + patience;
    while (!this.#ended && Date.now() < deadline) await this.#more(deadline - Date.now());
    return this.#ended;
  }

  get open(): boolean {
    return !this.#ended;
  }

  /** At once, without a word. */
  drop(): void {
    this.#socket.destroy();
  }

  async #more(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Takes one whole answer out of what was received. Every answer of this server says its length. */
  #parse(): Answer | undefined {
    const end = this.#received.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const head = this.#received.subarray(0, end).toString("latin1");
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? Number.NaN);
    const length = Number(/^content-length: (\d+)\r?$/im.exec(head)?.[1] ?? 0);
    const total = end + 4 + length;
    if (this.#received.length < total) return undefined;
    const body = this.#received.subarray(end + 4, total).toString("utf8");
    this.#received = this.#received.subarray(total);
    return { status, body };
  }
}
