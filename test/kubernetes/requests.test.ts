import { createServer, type RequestOptions } from "node:https";
import { TLSSocket } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { makeDevelopmentCertificates } from "../../scripts/support/certificates.ts";
import { createRequests, textOf, type Requests } from "#src/kubernetes/requests.ts";
import { listen } from "#src/server/listen.ts";

const server = await makeDevelopmentCertificates();
const users = [await makeDevelopmentCertificates(), await makeDevelopmentCertificates()] as const;
const never = new AbortController().signal;

/** A server that answers with the fingerprint of the client's certificate; what is in `options` is asked for each time. */
async function serve(options: RequestOptions): Promise<Requests> {
  const { certificatePem: cert, keyPem: key } = server.serving;
  const listener = createServer(
    { cert, key, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const { socket } = request;
      response.end(socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.fingerprint256 : "");
    },
  );
  const port = await listen(listener, { host: "127.0.0.1", port: 0 });
  const requests = createRequests(
    {
      server: new URL(`https://127.0.0.1:${port}`),
      credentials: () => Promise.resolve({ headers: {}, options: { ...options } }),
    },
    { answerTimeout: 5_000 },
  );
  onTestFinished(() => {
    requests.close();
    listener.closeAllConnections();
    listener.close();
  });
  return requests;
}

async function ask(requests: Requests): Promise<string> {
  const request = { method: "GET", path: "/", query: {}, accept: "text/plain" };
  return await textOf(await requests.open(request, never), Infinity);
}

test("a certificate that changed is shown from the next request on, and the one before where it comes back", async () => {
  const options: RequestOptions = { ca: server.authority.certificatePem };
  const requests = await serve(options);
  expect(await ask(requests)).toBe("");
  const shown: string[] = [];
  for (const user of [...users, users[0]]) {
    Object.assign(options, { cert: user.serving.certificatePem, key: user.serving.keyPem });
    shown.push(await ask(requests), await ask(requests));
  }
  const [first, , second] = shown;
  expect(first).toMatch(/^[0-9A-F:]{95}$/);
  expect(second).not.toBe(first);
  expect(shown).toEqual([first, first, second, second, first, first]);
});

test("an authority that changed is the one that counts, also while connections of the one before are kept", async () => {
  const options: RequestOptions = { ca: Buffer.from(server.authority.certificatePem) };
  const requests = await serve(options);
  expect(await ask(requests)).toBe("");
  options.ca = Buffer.from(users[0].authority.certificatePem);
  await expect(ask(requests)).rejects.toThrow(/certificate/);
  options.ca = Buffer.from(server.authority.certificatePem);
  expect(await ask(requests)).toBe("");
});

test("a certificate that cannot be used is an error of the request", async () => {
  const requests = await serve({ ca: server.authority.certificatePem, cert: "none", key: "none" });
  await expect(ask(requests)).rejects.toThrow(/PEM|no start line/i);
});
