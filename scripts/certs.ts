import { mkdir } from "node:fs/promises";
import { isIP } from "node:net";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { defaultNames, issueServing, makeDevelopmentCertificates } from "./support/certificates.ts";
import { clusterAuthority } from "./support/cluster-authority.ts";
import { clusterManifests } from "./support/cluster-certificates.ts";
import { replaceFile } from "./support/replace-file.ts";
import { runScript, UsageError } from "./support/script.ts";

const help = `usage: npm run certs -- [--cluster] [--name NAME]… [--days N]

Makes development certificates (ECDSA P-256): an authority and a serving certificate that it signed.

  (without)    writes ca.crt, ca.key, tls.crt and tls.key into certs/
  --cluster    prints the caBundle of all webhook entries and the Secret, to be piped into
               kubectl apply --server-side --field-manager ringfence-certs -f -
               (say npm run --silent, so that npm prints nothing of its own). Its authority is kept in
               certs/cluster.pem and signs the next certificate as well; no other file is written
  --name NAME  a further DNS name or IP address for the certificate, repeatable
  --days N     for how long it is valid; 365 unless given
`;

const directory = join(import.meta.dirname, "../certs");

await runScript(help, async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cluster: { type: "boolean", default: false },
      name: { type: "string", multiple: true, default: [] },
      days: { type: "string", default: "365" },
    },
  });
  const days = Number(values.days);
  if (!Number.isInteger(days) || days < 1)
    throw new UsageError(`--days ${values.days}: must be a whole number above 0`);
  for (const name of values.name) {
    if (!isName(name))
      throw new UsageError(`--name ${JSON.stringify(name)}: must be a DNS name or an IP address`);
  }
  const names = [...defaultNames, ...values.name];
  if (values.cluster) {
    const kept = join(directory, "cluster.pem");
    const authority = await clusterAuthority(kept, days);
    process.stdout.write(clusterManifests(authority, await issueServing(authority, { names, days })));
    process.stderr.write(
      `signed by the authority in ${relative(process.cwd(), kept)}; keep that file for the next run\n`,
    );
    return 0;
  }
  const { authority, serving } = await makeDevelopmentCertificates({ names, days });
  await mkdir(directory, { recursive: true });
  const files: [name: string, text: string, mode: number][] = [
    ["ca.crt", authority.certificatePem, 0o644],
    ["ca.key", authority.keyPem, 0o600],
    ["tls.crt", serving.certificatePem, 0o644],
    ["tls.key", serving.keyPem, 0o600],
  ];
  for (const [name, text, mode] of files) {
    const file = join(directory, name);
    await replaceFile(file, text, mode);
    process.stderr.write(`wrote ${relative(process.cwd(), file)}\n`);
  }
  return 0;
});

/** A DNS name, its first label perhaps `*`, or an IP address. */
function isName(text: string): boolean {
  const label = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
  return (
    isIP(text) !== 0 ||
    (text.length <= 253 && new RegExp(`^(\\*\\.)?${label}(\\.${label})*$`, "i").test(text))
  );
}
