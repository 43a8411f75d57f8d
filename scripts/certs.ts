import { mkdir, rename, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { defaultNames, makeDevelopmentCertificates } from "./support/certificates.ts";
import { clusterManifests } from "./support/cluster-certificates.ts";
import { runScript, UsageError } from "./support/script.ts";

const help = `usage: npm run certs -- [--cluster] [--name NAME]… [--days N]

Makes development certificates (ECDSA P-256): an authority and a serving certificate that it signed.

  (without)    writes ca.crt, ca.key, tls.crt and tls.key into certs/
  --cluster    prints the Secret and the caBundle of all webhook entries, to be piped into
               kubectl apply --server-side --field-manager ringfence-certs -f -
               (say npm run --silent, so that npm prints nothing of its own); writes no file
  --name NAME  a further DNS name or IP address for the certificate, repeatable
  --days N     for how long it is valid; 365 unless given
`;

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
  const certificates = await makeDevelopmentCertificates({ names: [...defaultNames, ...values.name], days });
  if (values.cluster) {
    process.stdout.write(clusterManifests(certificates));
    return 0;
  }
  const directory = join(import.meta.dirname, "../certs");
  await mkdir(directory, { recursive: true });
  const { authority, serving } = certificates;
  const files: [name: string, text: string, mode: number][] = [
    ["ca.crt", authority.certificatePem, 0o644],
    ["ca.key", authority.keyPem, 0o600],
    ["tls.crt", serving.certificatePem, 0o644],
    ["tls.key", serving.keyPem, 0o600],
  ];
  for (const [name, text, mode] of files) {
    const file = join(directory, name);
    // An existing file would keep its mode.
    await writeFile(`${file}.next`, text, { mode });
    await rename(`${file}.next`, file);
    process.stderr.write(`wrote ${relative(process.cwd(), file)}\n`);
  }
  return 0;
});
