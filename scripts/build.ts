// npm run build: src/main.ts and all it needs as one file, dist/ringfence.js, which the image and the benchmark run.
import { isAscii } from "node:buffer";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { build, type Plugin } from "esbuild";
import { runScript } from "./support/script.ts";

const help = `usage: npm run build [-- --outfile FILE] [--analyze]

Bundles Ringfence into one ES module (default dist/ringfence.js), to be started with: node dist/ringfence.js serve …
  --analyze   also print what the bundle is made of, largest first
`;

await runScript(help, async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      outfile: { type: "string", default: "dist/ringfence.js" },
      analyze: { type: "boolean", default: false },
    },
  });
  await bundle(values.outfile, values.analyze);
  return 0;
});

async function bundle(outfile: string, analyze: boolean): Promise<void> {
  const root = new URL("../", import.meta.url).pathname;
  const result = await build({
    absWorkingDir: root,
    entryPoints: ["scripts/bundle-entry.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node22",
    format: "esm",
    minifySyntax: true,
    // Names stay, and lines are short: stack traces are read, and Node shows the line of an error that nothing caught.
    minifyWhitespace: true,
    lineLimit: 120,
    legalComments: "linked",
    metafile: true,
    logLevel: "warning",
    plugins: [withoutClients()],
    // Dependencies in CommonJS ask for `require`, which an ES module does not have.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
  // The bundle is an ES module wherever it is copied to.
  await mkdir(`${root}/dist`, { recursive: true });
  await writeFile(`${root}/dist/package.json`, '{ "type": "module" }\n');
  const text = await readFile(outfile);
  // Of a text with others V8 keeps two bytes for each character: several MiB, for as long as the server lives.
  if (!isAscii(text))
    throw new Error(`${outfile} is not ASCII: write the characters of regular expressions as escapes`);
  console.error(`${outfile}: ${(text.length / 1024 / 1024).toFixed(1)} MiB`);
  if (analyze) printLargest(result.metafile.outputs[outfile]?.inputs ?? {});
}

/**
 * client-node's reader of kubeconfigs brings undici and a class for each kind of the API, for clients that it could make.
 * Ringfence makes its own: without those the bundle is a third smaller, and a start takes a quarter less time.
 */
function withoutClients(): Plugin {
  return {
    name: "without-clients",
    setup(building) {
      const reader = /@kubernetes\/client-node\/dist\/config\.js$/;
      building.onResolve(
        { filter: /^(?:undici|\.\/gen\/index\.js|\.\/middleware\.js)$/ },
        ({ importer, path }) => (reader.test(importer) ? { path, namespace: "left-out" } : undefined),
      );
      // A name that the reader asks for besides is an error of the build.
      building.onLoad({ filter: /./, namespace: "left-out" }, () => ({
        contents: `
        function leftOut() { throw new Error("the bundle holds no clients of client-node"); }
        export { leftOut as Agent, leftOut as ProxyAgent };
        export { leftOut as createConfiguration, leftOut as ServerConfiguration, leftOut as setHeaderMiddleware };`,
      }));
    },
  };
}

function printLargest(inputs: Record<string, { bytesInOutput: number }>): void {
  const byPackage = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "ringfence";
    byPackage.set(name, (byPackage.get(name) ?? 0) + bytesInOutput);
  }
  for (const [name, bytes] of [...byPackage].sort((a, b) => b[1] - a[1]).slice(0, 25)) {
    console.log(`${(bytes / 1024).toFixed(0).padStart(7)} KiB  ${name}`);
  }
}
