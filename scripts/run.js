// Runs scripts/<name>.ts. Plain JavaScript, so that an old Node reads it and is told what to do.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `Ringfence needs Node 22.19 or newer, this is ${process.version}. ` +
      "Run scripts through npm (npm run demo, npm test): `npm ci`, with install scripts allowed, installs a Node 24 of its own for them.",
  );
  process.exit(2);
}
const [name, ...rest] = process.argv.slice(2);
if (name === undefined || !/^[a-z-]+$/.test(name)) {
  console.error("usage: node scripts/run.js NAME [ARGS…]   (npm run shows the names)");
  process.exit(2);
}
process.argv = [process.argv[0], new URL(`./${name}.ts`, import.meta.url).pathname, ...rest];
try {
  await import(`./${name}.ts`);
} catch (error) {
  if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
  // "Cannot find package 'x' imported from …", or a script that there is not.
  console.error(
    `${error.message.split("\n")[0]}\n` +
      (error.message.startsWith("Cannot find package")
        ? "Install what Ringfence needs first: npm ci"
        : "npm run shows the names of the scripts."),
  );
  process.exit(2);
}
