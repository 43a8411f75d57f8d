import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:https";
import { connect } from "node:tls";
import { expect, test } from "vitest";
import { makeDevelopmentCertificates } from "../../../scripts/support/certificates.ts";

test("P-256, the Service's names, no authority, serverAuth, random serial, backdated", async () => {
  const { authority, serving } = await makeDevelopmentCertificates();
  const root = new X509Certificate(authority.certificatePem);
  const leaf = new X509Certificate(serving.certificatePem);
  expect(leaf.checkIssued(root) && leaf.verify(root.publicKey)).toBe(true);
  expect([root.ca, leaf.ca]).toEqual([true, false]);
  expect(leaf.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: "prime256v1" });
  expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  expect(leaf.checkHost("ringfence.ringfence-system.svc")).toBeDefined();
  expect(leaf.checkHost("ringfence.ringfence-system.svc.cluster.local")).toBeDefined();
  expect(leaf.checkHost("localhost")).toBeDefined();
  expect(leaf.checkIP("127.0.0.1")).toBeDefined();
  expect(Date.now() - leaf.validFromDate.getTime()).toBeGreaterThan(30 * 60_000);
  const other = new X509Certificate((await makeDevelopmentCertificates()).serving.certificatePem);
  expect(other.serialNumber).not.toBe(leaf.serialNumber);
});

test("a TLS client that trusts the authority accepts the server by its address", async () => {
  const { authority, serving } = await makeDevelopmentCertificates();
  const server = createServer({ cert: serving.certificatePem, key: serving.keyPem }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const options = { host: "127.0.0.1", port: address.port };
  const trusting = connect({ ...options, ca: authority.certificatePem });
  await once(trusting, "secureConnect");
  expect(trusting.authorized).toBe(true);
  trusting.destroy();
  const [refusal] = (await once(connect(options), "error")) as [Error];
  expect(refusal.message).toMatch(/certificate/);
  server.close();
});

test("names and days are the caller's", async () => {
  const { serving } = await makeDevelopmentCertificates({ names: ["example.test", "::1"], days: 2 });
  const leaf = new X509Certificate(serving.certificatePem);
  expect(leaf.subjectAltName).toBe("DNS:example.test, IP Address:0:0:0:0:0:0:0:1");
  const days = (leaf.validToDate.getTime() - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(2);
});
